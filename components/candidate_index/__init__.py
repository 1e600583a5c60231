"""The catalogue's vectors, the index over them, and how well and how fast it finds."""
