"""What runs in the containers of a Kubeflow run, round the components."""
