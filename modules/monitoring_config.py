"""The `[monitoring]` section of the configuration: the limits that what was served is held against."""

from __future__ import annotations

import dataclasses
import math

from modules.errors import InputError


@dataclasses.dataclass(frozen=True)
class MonitoringConfig:
    """The `[monitoring]` section. Limits of single columns are the schema's.

    Attributes:
        least_rows: what fewer rows say raises no alarm.
        attribution_hours: how long after a list what its user takes counts for it.
        unknown_users_max: greatest share of requests, and of feedback, by users whom the served version does not know.
        unknown_items_max: greatest share of item ids in requests, and in feedback, that it does not know.
        unknown_values_max: greatest share of a categorical column's values that were not there in training.
        unknown_columns_max: greatest share of requests that send a column which the schema lacks.
        concentration_max: greatest share of all places that may go to the hundredth part of the catalogue that is
            served most.
        coverage_at_10_min: least share of the catalogue among the first 10 of all lists together.
        hit_rate_at_10_min, ndcg_at_10_min: least values of what was served, by what was taken afterwards.
        latency_p99_ms_max: greatest 99th percentile of the latency in milliseconds; None: no limit.

    Raises:
        InputError: a value is out of its range.
    """

    least_rows: int = 500
    attribution_hours: float = 24.0
    unknown_users_max: float = 0.3
    unknown_items_max: float = 0.05
    unknown_values_max: float = 0.05
    unknown_columns_max: float = 0.0
    concentration_max: float = 1.0
    coverage_at_10_min: float = 0.0
    hit_rate_at_10_min: float = 0.0
    ndcg_at_10_min: float = 0.0
    latency_p99_ms_max: float | None = None

    def __post_init__(self) -> None:
        _demand(self.least_rows >= 1, "least_rows", "1 or more", self.least_rows)
        for key in ("attribution_hours", "latency_p99_ms_max"):
            value = getattr(self, key)
            if value is not None:
                _demand(math.isfinite(value) and value > 0, key, "a finite number above 0", value)
        for field in dataclasses.fields(self):
            if field.name.endswith(("_max", "_min")) and field.name != "latency_p99_ms_max":
                value = getattr(self, field.name)
                _demand(0 <= value <= 1, field.name, "a share from 0 to 1", value)


def _demand(right: bool, key: str, expected: str, received: object) -> None:
    if not right:
        raise InputError(f"config [monitoring], key {key}", expected, received)
