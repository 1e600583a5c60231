"""The gate: from evidence to one blessing, with reasons."""
