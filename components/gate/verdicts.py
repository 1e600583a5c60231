"""What a new recommender must show before it may be pushed."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from modules.errors import InputError

SPLIT, METRIC = "eval", "ndcg@10"  # `test` is for reports only: a gate on it would slowly train on it


@dataclasses.dataclass(frozen=True)
class GateConfig:
    """The `[gate]` section of the configuration.

    Attributes:
        index_recall_min: least share of the exact 100 nearest items that the index must find, 0 to 1.
        popularity_ratio_min: least ratio of the recommender's ndcg@10 to that of recommending the most popular items.
        final_over_retrieval_min: least ratio of the recommender's ndcg@10 to that of its retrieval stage alone.

    Raises:
        InputError: a limit that is negative or not finite, or a recall above 1.
    """

    index_recall_min: float = 0.95
    popularity_ratio_min: float = 1.0
    final_over_retrieval_min: float = 0.97

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if not (math.isfinite(value) and value >= 0):
                raise InputError(f"config [gate], key {field.name}", "a finite number from 0", value)
        if self.index_recall_min > 1:
            raise InputError("config [gate], key index_recall_min", "a number from 0 to 1", self.index_recall_min)


@dataclasses.dataclass(frozen=True)
class Evidence:
    """What is known about a new recommender; None where nothing is.

    Attributes:
        retrieval_blessed, ranking_blessed: what the two Evaluators said.
        index_recall: recall@100 of the index against exact search.
        metrics: {split: {"popularity" | "retrieval" | "recommender": {metric: number}}}.
    """

    retrieval_blessed: bool | None = None
    ranking_blessed: bool | None = None
    index_recall: float | None = None
    metrics: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def metric(self, who: str) -> float | None:
        """The gate's metric of `who`, or None where it is missing or no finite number."""
        value: Any = self.metrics
        for key in (SPLIT, who, METRIC):
            value = value.get(key) if isinstance(value, Mapping) else None
        return _number(value)


@dataclasses.dataclass(frozen=True)
class Verdict:
    """One rule applied to the evidence.

    Attributes:
        name: of the rule.
        value: what was measured, None where nothing was.
        limit: the least value that passes.
        passed: whether it did.
        reason: one sentence for people.
    """

    name: str
    value: float | None
    limit: float | None
    passed: bool
    reason: str


def judge(evidence: Evidence, limits: GateConfig) -> list[Verdict]:
    """Applies every rule. Missing evidence fails the rule that needs it; all verdicts must pass for a blessing."""
    recommender = evidence.metric("recommender")
    return [
        _blessing("retrieval_evaluation", evidence.retrieval_blessed),
        _blessing("ranking_evaluation", evidence.ranking_blessed),
        _at_least(
            "index_recall", "recall@100 of the index", _number(evidence.index_recall), limits.index_recall_min, ""
        ),
        _ratio(
            "above_popularity", recommender, evidence.metric("popularity"), limits.popularity_ratio_min, "popularity"
        ),
        _ratio(
            "final_not_below_retrieval",
            recommender,
            evidence.metric("retrieval"),
            limits.final_over_retrieval_min,
            "the retrieval stage",
        ),
    ]


def judge_refit(evidence: Evidence, limits: GateConfig) -> list[Verdict]:
    """Applies the rules that a model can still be held to once it has learned from the rows of evaluation."""
    recall = _number(evidence.index_recall)
    return [_at_least("refit_index_recall", "recall@100 of the refitted index", recall, limits.index_recall_min, "")]


def _number(value: object) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if usable else None  # type: ignore[arg-type]


def _blessing(name: str, blessed: bool | None) -> Verdict:
    said = {True: "the Evaluator blessed the model", False: "the Evaluator refused the model"}
    reason = said[blessed] if blessed is not None else "no blessing to be read from the Evaluator"
    return Verdict(name, None if blessed is None else float(blessed), 1.0, blessed is True, reason)


def _ratio(name: str, value: float | None, rival: float | None, ratio: float, who: str) -> Verdict:
    """Compares with a multiple of the rival rather than dividing by it: the rival may be 0."""
    if rival is None:
        return Verdict(name, value, None, False, f"{METRIC} of {who} on {SPLIT} is missing or not a number")
    what = f"{METRIC} of the recommender on {SPLIT}"
    return _at_least(name, what, value, ratio * rival, f" ({ratio:g} × {rival:.4f} of {who})")


def _at_least(name: str, what: str, value: float | None, limit: float, origin: str) -> Verdict:
    if value is None:
        return Verdict(name, None, limit, False, f"{what} is missing or not a number")
    passed = value >= limit
    relation = "at or above" if passed else f"{limit - value:.4f} below"
    return Verdict(name, value, limit, passed, f"{what} is {value:.4f}, {relation} the limit {limit:.4f}{origin}")
