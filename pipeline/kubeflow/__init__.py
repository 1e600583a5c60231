"""The pipeline on Kubeflow Pipelines v2 and Vertex AI: compiled, checked, submitted, scheduled."""
