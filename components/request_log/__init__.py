"""Requests of a model server, kept for looking at them later."""
