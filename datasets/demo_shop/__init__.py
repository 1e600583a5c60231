"""The demo shop: users, items and interactions drawn from a model whose best achievable score is known."""
