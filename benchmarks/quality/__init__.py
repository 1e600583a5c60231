"""How good the recommendations are, by the protocols of published results: `python -m benchmarks.quality`."""
