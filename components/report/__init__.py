"""What a run found, for people and for programs: the scorecard, as JSON, as text and as an offline page."""
