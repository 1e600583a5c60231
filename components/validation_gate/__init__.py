"""The validation gate: no training on data with anomalies."""
