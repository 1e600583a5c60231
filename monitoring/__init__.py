"""Watches what is served: request logs and feedback, held against the training data and against limits."""
