"""The served recommender: one graph from a raw request to an answer, in stock TensorFlow ops."""
