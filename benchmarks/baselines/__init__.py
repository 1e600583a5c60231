"""The recommenders that ours has to beat, one a file."""
