"""Query towers of retrieval, one a file."""
