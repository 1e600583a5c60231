"""What a refresh of the catalogue takes, and what new items and users cost."""
