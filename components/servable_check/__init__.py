"""The servable check: no answer, no push."""
