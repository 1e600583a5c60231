"""What the evaluation measures: pure numpy, exact definitions in docs/metrics.md."""
