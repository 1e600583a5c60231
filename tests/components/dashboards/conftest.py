"""Evaluations and statistics to show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import anomalies_pb2, statistics_pb2

from components.dashboards.evaluations import ModelEvaluation, RunEvaluation, SliceMetrics

HOSTILE = '</script><script>document.title="taken"</script><b>'
TRAIN = """
datasets {
  num_examples: 4
  features { type: INT num_stats {
    common_stats { num_non_missing: 4 max_num_values: 1 tot_num_values: 3 }
    mean: 2 std_dev: 0.5 num_zeros: 1 min: 0 median: 2 max: 4
    histograms { type: STANDARD buckets { low_value: 0 high_value: 2 sample_count: 1 }
                 buckets { low_value: 2 high_value: 4 sample_count: 2 } }
    histograms { type: QUANTILES buckets { low_value: 0 high_value: 4 sample_count: 3 } } }
    path { step: "age" } }
  features { type: STRING string_stats {
    common_stats { num_non_missing: 3 num_missing: 1 max_num_values: 2 tot_num_values: 4 }
    unique: 2 avg_length: 4.5
    top_values { value: "phone" frequency: 3 } top_values { value: "desk" frequency: 1 }
    rank_histogram { buckets { low_rank: 0 high_rank: 0 label: "phone" sample_count: 3 }
                     buckets { low_rank: 1 high_rank: 1 label: "desk" sample_count: 1 } } }
    path { step: "device" } }
}
"""
TEST = """
datasets {
  num_examples: 2
  features { type: INT num_stats {
    common_stats { num_non_missing: 2 max_num_values: 1 tot_num_values: 2 }
    mean: 3 std_dev: 0 num_zeros: 0 min: 3 median: 3 max: 3
    histograms { type: STANDARD buckets { low_value: 3 high_value: 3 sample_count: 2 } } }
    path { step: "age" } }
  features { type: STRING string_stats {
    common_stats { num_non_missing: 2 max_num_values: 1 tot_num_values: 2 }
    unique: 2 avg_length: 5
    top_values { value: "phone" frequency: 1 } top_values { value: "<b>toaster</b>" frequency: 1 }
    rank_histogram { buckets { low_rank: 0 high_rank: 0 label: "phone" sample_count: 1 }
                     buckets { low_rank: 1 high_rank: 1 label: "<b>toaster</b>" sample_count: 1 } } }
    path { step: "device" } }
}
"""
ANOMALIES = """
anomaly_info { key: "device" value {
  severity: ERROR short_description: "Unexpected string values" description: "Examples contain <b>toaster</b>."
  path { step: "device" } } }
drift_skew_info { path { step: "device" } drift_measurements { type: L_INFTY value: 0.25 threshold: 0.1 } }
"""


@pytest.fixture
def statistics_folder(tmp_path: Path) -> Path:
    """A `statistics` artifact."""
    for split, text in (("test", TEST), ("train", TRAIN)):
        message = text_format.Parse(text, statistics_pb2.DatasetFeatureStatisticsList())
        write(tmp_path / "statistics" / f"Split-{split}" / "FeatureStats.pb", message)
    return tmp_path / "statistics"


@pytest.fixture
def anomalies_folder(tmp_path: Path) -> Path:
    """An `anomalies` artifact: nothing wrong in train."""
    for split, text in (("test", ANOMALIES), ("train", "")):
        message = text_format.Parse(text, anomalies_pb2.Anomalies())
        write(tmp_path / "anomalies" / f"Split-{split}" / "SchemaDiff.pb", message)
    return tmp_path / "anomalies"


def write(path: Path, message: Any) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(message.SerializeToString())


def evaluation(run: str, started: str, shift: float = 0.0) -> RunEvaluation:
    """Of a run with a baseline (`shift` below it) and without."""

    def parts(lower: float, **more: float) -> list[SliceMetrics]:
        return [
            SliceMetrics("", "", {"ndcg_at_10": 0.25 - lower, "recall_at_100": 0.5, "queries": 40.0, **more}),
            SliceMetrics("device", "phone", {"ndcg_at_10": 0.375 - lower, "recall_at_100": 0.5, "queries": 30.0}),
            SliceMetrics("device", HOSTILE, {"ndcg_at_10": 0.125 - lower, "recall_at_100": 0.5, "queries": 10.0}),
        ]

    retrieval = ModelEvaluation(parts(shift, ndcg_at_10_diff=-shift), parts(0.0), "the last one")
    ranking = ModelEvaluation([SliceMetrics("", "", {"rmse": 0.875, "mae": 0.75, "rows": 90.0})])
    return RunEvaluation(run, started, {"retrieval": retrieval, "ranking": ranking})


@pytest.fixture
def evaluations() -> list[RunEvaluation]:
    """Two runs, oldest first."""
    return [
        evaluation("r1", "2024-05-06T02:00:00+00:00"),
        evaluation("r2", "2024-05-07T02:00:00+00:00", shift=0.0625),
    ]
