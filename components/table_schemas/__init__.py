"""The annotated schema of the tables → the schemas of the examples."""
