"""Towers, index, ranker and tables → the one SavedModel that is served."""
