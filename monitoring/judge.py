"""A measure and its limit, and what is thought of it."""

from __future__ import annotations

import dataclasses
from typing import Literal

from modules.monitoring_config import MonitoringConfig

Verdict = Literal["alarm", "ok", "too few", "no limit", "not measured"]
ALARM: Verdict = "alarm"


@dataclasses.dataclass(frozen=True)
class Measure:
    """A value, and what is thought of it.

    Attributes:
        name: such as "unknown_users"; with `source` and `column` it is the only one.
        title: for people.
        source: "requests", "feedback", "answers" or "server".
        column: of the source, "" where it is about all of it.
        value: None where there was nothing to measure it by.
        rows: that it was measured on.
        limit: None where there is none.
        limit_name: where the limit is written: a key of the configuration, or a comparator of the schema.
        verdict: "alarm"; "ok"; "too few" rows to judge; "no limit"; "not measured".
        detail: more about it, for people.
    """

    name: str
    title: str
    source: str
    value: float | None
    rows: int
    column: str = ""
    limit: float | None = None
    limit_name: str = ""
    verdict: Verdict = "no limit"
    detail: str = ""


def alarms(found: list[Measure]) -> list[str]:
    """A line for each alarm: the limit first, then by how much it was missed."""
    return [_line(measure) for measure in found if measure.verdict == ALARM]


def _line(measure: Measure) -> str:
    place = f"{measure.source}, column {measure.column}" if measure.column else measure.source
    said = f"{measure.limit_name}: {measure.title} ({place})"
    if measure.value is not None and measure.limit is not None:
        said += f" is {measure.value:.4g}, the limit {measure.limit:g}"
    return f"{said} – {measure.detail}" if measure.detail else said


class Judge:
    """Makes measures whose limits are keys of the configuration."""

    def __init__(self, config: MonitoringConfig) -> None:
        self._config = config

    def __call__(
        self,
        name: str,
        title: str,
        source: str,
        value: float | None,
        rows: int,
        key: str = "",
        column: str = "",
        detail: str = "",
    ) -> Measure:
        """The measure, held against the limit of that key: "…_min" or "…_max"; with "", against none."""
        limit = getattr(self._config, key) if key else None
        verdict: Verdict = "no limit"
        if value is None:
            verdict = "not measured"
        elif limit is not None:
            missed = value < limit if key.endswith("_min") else value > limit
            verdict = "ok" if not missed else ALARM if rows >= self._config.least_rows else "too few"
        limit_name = f"[monitoring] {key}" if key else ""
        return Measure(name, title, source, value, rows, column, limit, limit_name, verdict, detail)
