"""What retrieval is trained for: each objective feeds examples of its kind and measures its loss."""
