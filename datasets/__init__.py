"""The built-in demo shop and importers that turn public data sets into the three standard tables."""
