"""Dashboards of a run: TFMA's evaluations and TFDV's statistics as pages that need nothing but themselves."""
