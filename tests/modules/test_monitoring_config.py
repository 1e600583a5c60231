"""Limits that nothing could be held against are refused."""

from __future__ import annotations

from typing import Any

import pytest

from modules.errors import InputError
from modules.monitoring_config import MonitoringConfig


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("least_rows", 0),
        ("attribution_hours", 0.0),
        ("attribution_hours", float("inf")),
        ("latency_p99_ms_max", -1.0),
        ("unknown_users_max", 1.5),
        ("ndcg_at_10_min", -0.1),
        ("coverage_at_10_min", float("nan")),
    ],
)
def test_out_of_range(key: str, value: Any) -> None:
    with pytest.raises(InputError, match=rf"\[monitoring\], key {key}"):
        MonitoringConfig(**{key: value})


def test_edges_are_in_range() -> None:
    config = MonitoringConfig(least_rows=1, latency_p99_ms_max=900.0, unknown_users_max=1.0, hit_rate_at_10_min=0.0)
    assert config.latency_p99_ms_max == 900.0
