"""Indexes over the catalogue's vectors: given query vectors, the positions of the best items."""
