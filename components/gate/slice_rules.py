"""Rules about slices: nobody is to pay for the average."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from components.evaluation.query_values import POPULARITY, PUBLISHED, RECOMMENDER, QueryValues, SliceValues
from components.gate.config import GateConfig
from components.gate.quality_rules import no_worse
from components.gate.verdict import Verdict, written, yes
from modules.metrics.paired import by_error
from modules.metrics.ranked import Floats


def judge_slices(values: QueryValues | None, published: bool, limits: GateConfig) -> list[Verdict]:
    """Every slice of enough queries against its floor, popularity, and the published version.

    Each comparison is made at a confidence that leaves for all of them together what `confidence` leaves for one
    (Bonferroni). Of each of the three rules the refused slices are returned, or the one that came closest.
    """
    if values is None:
        return [yes("slices", False, "the values of the eval queries are missing")]
    parts = [part for part in values.slices if len(part.users) >= limits.slice_size_min]
    if not parts:
        return [yes("slices", True, f"no slice has {limits.slice_size_min} eval queries")]
    sure = 1 - (1 - limits.confidence) / len(parts)
    rules: list[Callable[[SliceValues, GateConfig, float], Verdict]] = [_above_floor, _above_popularity]
    rules += [_no_worse] if published else []
    return [verdict for rule in rules for verdict in _worst([rule(part, limits, sure) for part in parts])]


def _worst(verdicts: list[Verdict]) -> list[Verdict]:
    refused = [verdict for verdict in verdicts if not verdict.passed]
    return refused or [min(verdicts, key=lambda verdict: (verdict.value or 0.0) - (verdict.limit or 0.0))]


def _above_floor(part: SliceValues, limits: GateConfig, sure: float) -> Verdict:
    return _clearly_below(
        part, part.values[RECOMMENDER] - limits.slice_min, f"slice_floor {part.name}", "the floor", sure
    )


def _above_popularity(part: SliceValues, limits: GateConfig, sure: float) -> Verdict:
    share = limits.slice_popularity_ratio_min
    above = part.values[RECOMMENDER] - share * part.values[POPULARITY]
    return _clearly_below(part, above, f"slice_popularity {part.name}", f"{share:g} × popularity's", sure)


def _clearly_below(part: SliceValues, above: Floats, name: str, what: str, sure: float) -> Verdict:
    """Refuses where a slice is below a floor beyond noise: the upper end of the interval is below 0."""
    found = by_error(above, part.users, sure)
    own = float(part.values[RECOMMENDER].mean())
    value = found.high if np.isfinite(found.high) else None
    said = (
        f"{part.metric} of the recommender on {len(part.users)} eval queries of {found.users} users is {written(own)}, "
        f"{written(abs(found.mean))} {'below' if found.mean < 0 else 'above'} {what} (at best {written(found.high)})"
    )
    return Verdict(name, value, 0.0, found.high >= 0, said)


def _no_worse(part: SliceValues, limits: GateConfig, sure: float) -> Verdict:
    published = part.values.get(PUBLISHED)
    name = f"slice_change {part.name}"
    if published is None:
        return Verdict(name, None, None, False, "what the published version answers is missing")
    found = by_error(part.values[RECOMMENDER] - published, part.users, sure)
    what = f"{part.metric} of the recommender on {len(part.users)} eval queries"
    verdict = no_worse(name, what, found, float(published.mean()), limits.slice_drop_max, "interval")
    return verdict if np.isfinite(found.low) else Verdict(name, None, None, True, "one user alone says nothing")
