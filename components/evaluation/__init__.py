"""What the two Evaluators measure, by which slices, and which limits a model must keep."""
