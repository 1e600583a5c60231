"""What the same users took, in closed form: coordinates that stand beside those of the trained towers."""
