"""The wiring: which component feeds which."""
