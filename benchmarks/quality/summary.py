"""Rows of several seeds → means with their spread, and the bars held against them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from benchmarks.quality.results import TRAIN, Bar, Row


@dataclasses.dataclass(frozen=True)
class Figure:
    """A metric over seeds.

    Attributes:
        mean: over the seeds.
        spread: standard deviation over the seeds (n − 1); None with one of them.
    """

    mean: float
    spread: float | None = None


@dataclasses.dataclass(frozen=True)
class Line:
    """A system on one kind of queries, over its seeds; what it learned from."""

    group: str
    system: str
    figures: dict[str, Figure]
    seeds: tuple[int, ...]
    is_ours: bool
    learned_from: str = TRAIN


@dataclasses.dataclass(frozen=True)
class Verdict:
    """A bar held against the figures; without figures `reached` is None."""

    bar: Bar
    limit: float | None
    limit_of: str
    value: Figure | None
    reached: bool | None


def lines_of(rows: Sequence[Row]) -> list[Line]:
    """One line a group and system, in order of appearance."""
    together: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        together.setdefault((row.group, row.system, row.learned_from), []).append(row)
    return [
        Line(
            group,
            system,
            {name: _figure([row.metrics[name] for row in some if name in row.metrics]) for name in _names(some)},
            tuple(sorted({row.seed for row in some if row.seed is not None})),
            some[0].is_ours,
            learned_from,
        )
        for (group, system, learned_from), some in together.items()
    ]


def verdicts(bars: Sequence[Bar], lines: Sequence[Line]) -> list[Verdict]:
    """Each bar with its limit and what was measured."""
    return [_verdict(bar, lines) for bar in bars]


def _verdict(bar: Bar, lines: Sequence[Line]) -> Verdict:
    comparable = [line for line in lines if line.group == bar.group and bar.metric in line.figures]
    ours = next((line for line in comparable if line.system == bar.system), None)
    value = ours.figures[bar.metric] if ours else None
    least, of = bar.least, ""
    if bar.over_system:
        least = next((line.figures[bar.metric].mean for line in comparable if line.system == bar.over_system), None)
        of = bar.over_system
    elif bar.over_baselines:
        others = {
            line.system: line.figures[bar.metric].mean
            for line in comparable
            if not line.is_ours and ours and line.learned_from == ours.learned_from
        }
        of = max(others, key=others.__getitem__) if others else "the best baseline"
        least = others.get(of)
    limit = bar.most if bar.most is not None else least
    if value is None or limit is None or math.isnan(value.mean):
        return Verdict(bar, limit, of, value, None)
    reached = value.mean <= limit if bar.most is not None else value.mean >= limit
    return Verdict(bar, limit, of, value, reached)


def _figure(values: Sequence[float]) -> Figure:
    mean = sum(values) / len(values)
    if len(values) == 1:
        return Figure(mean)
    return Figure(mean, math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1)))


def _names(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row.metrics))
