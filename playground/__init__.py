"""A page to try a pushed servable in: `make demo`."""
