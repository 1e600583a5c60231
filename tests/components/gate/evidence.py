"""Evidence of a recommender that is better than popularity, retrieval and the published one, to be spoiled."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np

from components.evaluation.query_values import PUBLISHED, QueryValues, SliceValues
from components.gate.config import GateConfig
from components.gate.index_rules import IndexEvidence
from components.gate.judge import Evidence, judge
from components.gate.verdict import Verdict
from components.report.scorecard import Gate

USERS, EACH = 200, 5
VERSION = 7


def systems() -> dict[str, dict[str, float]]:
    common = {"coverage@10": 0.5, "popularity@10": 0.7, "queries": 1000.0}
    values = {"popularity": 0.1, "retrieval": 0.2, "recommender": 0.25, PUBLISHED: 0.24}
    return {name: {"ndcg@10": value, **common} for name, value in values.items()}


def metrics() -> dict[str, Any]:
    integrity = {
        "duplicates": {"queries": 0.0, "rows": 0.0},
        "vocabulary": {"users": 1.0, "items": 1.0},
        "leaks": {"device": 0.2, "age": 0.1},
        "answers": {"flat_lists": 0.0, "predicted_spread": 0.7, "actual_spread": 1.0, "titles_right": 1.0},
        "index_share": 1.0,
    }
    return {"eval": systems(), "integrity": integrity}


def spread(mean: float, seed: int, rows: int = USERS * EACH, noise: float = 0.05) -> np.ndarray[Any, Any]:
    """Values whose mean is exactly `mean`."""
    values = np.random.default_rng(seed).normal(0, noise, rows)
    return values - values.mean() + mean


def part(
    column: str, value: str, own: float, published: float, popular: float, rows: int = USERS * EACH
) -> SliceValues:
    """A slice in which each system has a mean; five queries a user."""
    values = {
        "recommender": spread(own, 1, rows),
        PUBLISHED: spread(published, 2, rows),
        "popularity": spread(popular, 3, rows),
    }
    return SliceValues(column, value, "ndcg@10", np.arange(rows) // EACH, values)


def values(overall: SliceValues | None = None, *slices: SliceValues) -> QueryValues:
    usual = [part("region", "east", 0.25, 0.24, 0.1), part("region", "west", 0.2, 0.2, 0.1, rows=300)]
    return QueryValues(overall or part("", "", 0.25, 0.24, 0.1), [*slices] or usual)


def good(**changes: Any) -> Evidence:
    """The whole evidence; arguments replace its parts."""
    thresholds = {
        "retrieval": [Gate("retrieval ndcg@10", True, 0.2, 0.0), Gate("change of retrieval ndcg@10", True, 0.01, -0.1)],
        "ranking": [Gate("ranking rmse", True, 0.9, 1.0)],
    }
    usual: dict[str, Any] = {
        "blessings": {"retrieval": True, "ranking": True},
        "thresholds": thresholds,
        "index": IndexEvidence(0.99, 5.0, 1.0),
        "metrics": metrics(),
        "values": values(),
        "published": VERSION,
    }
    return Evidence(**usual | changes)


def spoiled(*path: str, to: Any) -> dict[str, Any]:
    """The metrics with one value replaced, or removed for `...`."""
    found = copy.deepcopy(metrics())
    inner = found
    for key in path[:-1]:
        inner = inner[key]
    if to is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = to
    return found


def refused(evidence: Evidence, **limits: Any) -> list[Verdict]:
    """The verdicts that say no."""
    return [verdict for verdict in judge(evidence, GateConfig(**limits)) if not verdict.passed]


def rules(evidence: Evidence, **limits: Any) -> list[str]:
    """The names of the rules that say no."""
    return [verdict.name for verdict in refused(evidence, **limits)]


def with_metrics(changed: Mapping[str, Any]) -> Evidence:
    """The usual evidence with other metrics."""
    return good(metrics=changed)
