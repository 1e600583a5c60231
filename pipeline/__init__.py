"""The configuration of a run and the wiring of the pipeline; no logic."""
