"""Rules about what users get: the servable end to end, beside popularity and the last published version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.evaluation.query_values import POPULARITY, PUBLISHED, RECOMMENDER, RETRIEVAL, QueryValues
from components.gate.config import GateConfig
from components.gate.verdict import Verdict, at_least, at_most, number, written
from modules.metrics.paired import Difference, by_bootstrap

SPLIT, METRIC = "eval", "ndcg@10"  # `test` is for reports only: a gate on it would slowly train on it
_WHAT = f"{METRIC} of the recommender on {SPLIT}"

Systems = Mapping[str, Any]  # system → metric → number


def judge_quality(systems: Systems, values: QueryValues | None, published: bool, limits: GateConfig) -> list[Verdict]:
    """Floors, the ceiling, and how far the recommender may fall behind the published one.

    Args:
        systems: metrics of each system on eval.
        values: of each query, for the intervals.
        published: whether there is a published version to compare with.
        limits: the section.
    """
    own, popular = metric(systems, RECOMMENDER), metric(systems, POPULARITY)
    retrieval = metric(systems, RETRIEVAL)
    found = [
        at_least("queries", "the number of eval queries", metric(systems, RECOMMENDER, "queries"), limits.queries_min),
        at_least("ndcg@10", _WHAT, own, limits.ndcg_at_10_min),
        _ratio("above_popularity", own, popular, limits.popularity_ratio_min, "popularity"),
        _ratio("final_not_below_retrieval", own, retrieval, limits.final_over_retrieval_min, "the retrieval stage"),
        _too_good(own, popular, limits.too_good_max),
        *_variety(systems, published, limits),
    ]
    return [*found, _no_worse(values, limits)] if published else found


def metric(systems: Systems, who: str, name: str = METRIC) -> float | None:
    """A metric of a system, or None where it is missing or no finite number."""
    measured = systems.get(who) if isinstance(systems, Mapping) else None
    return number(measured.get(name)) if isinstance(measured, Mapping) else None


def no_worse(name: str, what: str, found: Difference, published: float, drop_max: float, sure: str) -> Verdict:
    """Refuses a drop that is real and may be larger than allowed.

    Real: the interval of the difference lies below 0, so that no noise blocks. May be larger: its lower end lies below
    the allowed drop, so that what passes has been shown to be no worse than that (non-inferiority), if there are
    enough queries to show it.

    Args:
        name, what: of the rule, and of what it measures.
        found: new minus published.
        published: the published value on the same queries.
        drop_max: share of it that may be lost.
        sure: the interval in words.
    """
    limit = -drop_max * published
    real, large = found.high < 0, found.low < limit
    said = (
        f"{what} is {written(abs(found.mean))} {'below' if found.mean < 0 else 'above'} the published "
        f"{written(published)} ({sure} of the difference {written(found.low)} to {written(found.high)}, "
        f"{found.users} users); allowed is a drop of {written(-limit)} ({drop_max:.0%})"
    )
    if real and large:
        return Verdict(name, found.low, limit, False, said)
    if large:
        said += "; the interval holds 0, and these queries are too few to rule such a drop out"
    return Verdict(name, found.low, limit, True, said)


def _no_worse(values: QueryValues | None, limits: GateConfig) -> Verdict:
    name = "no_worse_than_published"
    if values is None or PUBLISHED not in values.overall.values or not len(values.overall.users):
        return Verdict(name, None, None, False, "what the published version answers to the eval queries is missing")
    own, other = (values.overall.values[system] for system in (RECOMMENDER, PUBLISHED))
    found = by_bootstrap(own - other, values.overall.users, limits.confidence, seed=0)
    return no_worse(name, _WHAT, found, float(other.mean()), limits.drop_max, f"{limits.confidence:.0%} interval")


def _ratio(name: str, value: float | None, rival: float | None, ratio: float, who: str) -> Verdict:
    """Compares with a multiple of the rival rather than dividing by it: the rival may be 0."""
    if rival is None:
        return Verdict(name, value, None, False, f"{METRIC} of {who} on {SPLIT} is missing or not a number")
    return at_least(name, _WHAT, value, ratio * rival, f" ({ratio:g} × {rival:.4f} of {who})")


def _too_good(own: float | None, popular: float | None, share: float) -> Verdict:
    """What is left to gain above popularity cannot all be gained, unless the answer is among the features."""
    limit = None if popular is None else popular + share * (1 - popular)
    return at_most("too_good", _WHAT, own, limit, f" ({share:.0%} of what popularity leaves to be gained)")


def _variety(systems: Systems, published: bool, limits: GateConfig) -> list[Verdict]:
    coverage, bias = (metric(systems, RECOMMENDER, name) for name in ("coverage@10", "popularity@10"))
    shown, mainstream = "the share of the catalogue that is recommended", "the mean popularity of what is recommended"
    found = [
        at_least("coverage", shown, coverage, limits.coverage_at_10_min),
        at_most("popularity_bias", mainstream, bias, limits.popularity_at_10_max),
    ]
    if published:
        before, then = (metric(systems, PUBLISHED, name) for name in ("coverage@10", "popularity@10"))
        least = None if before is None else (1 - limits.coverage_drop_max) * before
        most = None if then is None else then + limits.popularity_rise_max
        found += [
            at_least("coverage_change", shown, coverage, least, f" ({_of(before)} of the published version)"),
            at_most("popularity_bias_change", mainstream, bias, most, f" ({_of(then)} of the published version)"),
        ]
    return found


def _of(value: float | None) -> str:
    return "nothing" if value is None else written(value)
