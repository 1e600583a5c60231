"""Data sets that come with the project: a built-in demo shop, and importers of public data."""
