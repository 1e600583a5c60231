"""Imports MovieLens (https://grouplens.org/datasets/movielens/): any version, from a folder, a zip or the net."""
