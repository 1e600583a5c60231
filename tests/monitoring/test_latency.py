"""Latencies out of TensorFlow Serving's histogram."""

from __future__ import annotations

from pathlib import Path

import pytest

from modules.errors import InputError
from monitoring.latency import percentile, read_latency

TEXT = """\
# TYPE :tensorflow:serving:request_count counter
:tensorflow:serving:request_count{model_name="recommender",status="OK"} 100
# TYPE :tensorflow:serving:request_latency histogram
:tensorflow:serving:request_latency_bucket{model_name="recommender",API="predict",entrypoint="REST",le="1000"} 0
:tensorflow:serving:request_latency_bucket{model_name="recommender",API="predict",entrypoint="REST",le="2000"} 40
:tensorflow:serving:request_latency_bucket{model_name="recommender",API="predict",entrypoint="REST",le="+Inf"} 40
:tensorflow:serving:request_latency_bucket{model_name="recommender",API="predict",entrypoint="GRPC",le="1000"} 60
:tensorflow:serving:request_latency_bucket{model_name="recommender",API="predict",entrypoint="GRPC",le="2000"} 60
:tensorflow:serving:request_latency_bucket{model_name="recommender",API="predict",entrypoint="GRPC",le="+Inf"} 60
:tensorflow:serving:request_latency_bucket{model_name="other",API="predict",entrypoint="REST",le="+Inf"} 7
:tensorflow:serving:request_latency_sum{model_name="recommender"} 9
"""


def test_entry_points_are_added_up(tmp_path: Path) -> None:
    file = tmp_path / "metrics.txt"
    file.write_text(TEXT)
    found = read_latency(file)
    # 60 of 100 up to 1 ms, the other 40 evenly up to 2 ms.
    assert found.requests == 100
    assert found.p50_ms == pytest.approx(50 / 60)
    assert found.p99_ms == pytest.approx(1 + 39 / 40)


def test_percentiles() -> None:
    below = {1.0: 0.0, 2.0: 10.0, 4.0: 10.0, float("inf"): 20.0}
    assert percentile(below, 0.25) == pytest.approx(1.5)
    assert percentile(below, 0.5) == pytest.approx(2.0)
    assert percentile(below, 0.99) == 4.0  # beyond the last edge that is one


OTHER_MODEL, NO_NUMBER = TEXT.replace("recommender", "another"), TEXT.replace('le="2000"} 40', 'le="2000"} many')


@pytest.mark.parametrize("text", ["", OTHER_MODEL, NO_NUMBER])
def test_no_latencies_are_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "metrics.txt"
    file.write_text(text)
    with pytest.raises(InputError, match="latency"):
        read_latency(file)
    with pytest.raises(InputError, match="latency"):
        read_latency(tmp_path / "none.txt")
