"""What a run on one machine needs around the pipeline: preparation, progress, and the scorecard at its end."""
