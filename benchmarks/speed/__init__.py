"""How fast it is, and how flat in its cost: ratios measured side by side."""
