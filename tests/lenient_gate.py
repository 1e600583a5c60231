"""For runs of tiny shops, whose models are worth nothing: limits that everything keeps."""

from __future__ import annotations

LENIENT = """\
[gate]
retrieval_drop_max = 1.0
rmse_rise_max = 100.0
auc_drop_max = 1.0
popularity_ratio_min = 0.0
final_over_retrieval_min = 0.0
too_good_max = 1.0
drop_max = 1.0
slice_size_min = 1000000
coverage_drop_max = 1.0
popularity_at_10_max = 1.0
popularity_rise_max = 1.0
index_recall_min = 0.0
index_latency_p99_ms_max = 100000.0
leak_max = 1.0
flat_lists_max = 1.0
score_spread_min = 0.0
"""
