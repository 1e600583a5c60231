"""The published store: what is served, and what the next run is compared with."""
