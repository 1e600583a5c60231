"""What of a scorecard is shown, and in which order, the same on the page and in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components.report.evidence import Drift
from components.report.scorecard import Scorecard, Slice

SYSTEMS = ("popularity", "retrieval", "published", "recommender")  # in the order of the tables
SPLITS = ("test", "eval")  # the one that nothing was chosen by comes first
HEADLINES = ("ndcg@10", "recall@100")
FINDINGS = 6  # about the data, on the page of the run; the page about the data has them all


def splits(scorecard: Scorecard) -> list[str]:
    """The splits that have any metrics, the held-out one first."""
    found = dict.fromkeys([*scorecard.metrics, *scorecard.ranking, *scorecard.slices])
    return [split for split in SPLITS if split in found] + [split for split in found if split not in SPLITS]


def systems(scorecard: Scorecard, split: str) -> list[str]:
    """The systems of a split, the known ones first and in order."""
    found = scorecard.metrics.get(split, {})
    return [system for system in SYSTEMS if system in found] + [system for system in found if system not in SYSTEMS]


def metric_names(scorecard: Scorecard, split: str) -> list[str]:
    """Names of the metrics of a split in the order in which they first appear, without the number of queries."""
    systems = scorecard.metrics.get(split, {})
    return list(dict.fromkeys(name for values in systems.values() for name in values if name != "queries"))


def headlines(scorecard: Scorecard, split: str) -> list[str]:
    """The two metrics to show first: nDCG@10 and recall@100 if they are there, else the first ones."""
    names = metric_names(scorecard, split)
    return [name for name in HEADLINES if name in names] or names[:2]


def queries(scorecard: Scorecard, split: str) -> float | None:
    """How many queries a split was measured on."""
    found = [values.get("queries") for values in scorecard.metrics.get(split, {}).values()]
    return next((value for value in found if value is not None), None)


def interval(scorecard: Scorecard, split: str, system: str, name: str) -> list[float] | None:
    """The ends of a metric's 95 % interval, if it was measured."""
    return scorecard.intervals.get(split, {}).get(system, {}).get(name)


def drawn(scorecard: Scorecard, split: str, name: str) -> list[float | None]:
    """Every value of a metric that its bars have to have room for: of the systems, their intervals, and the best."""
    best = (scorecard.run.best_achievable or {}).get(split, {})
    values = [values.get(name) for values in scorecard.metrics.get(split, {}).values()]
    intervals = [interval(scorecard, split, system, name) for system in systems(scorecard, split)]
    return [*values, *(ends[1] for ends in intervals if ends), best.get(name)]


def slice_metric(scorecard: Scorecard, split: str) -> str:
    """The one metric by which slices are compared."""
    names = list(dict.fromkeys(name for part in scorecard.slices[split] for name in part.metrics))
    return next((name for name in HEADLINES if name in names), names[0] if names else "")


def slices_by_column(scorecard: Scorecard, split: str) -> dict[str, dict[int, Slice]]:
    """The slices of each column by their place in the scorecard, those with most queries first."""
    found: dict[str, dict[int, Slice]] = {}
    for place, part in sorted(enumerate(scorecard.slices[split]), key=lambda pair: -pair[1].queries):
        found.setdefault(part.column, {})[place] = part
    return dict(sorted(found.items()))


def furthest(scorecard: Scorecard) -> dict[int, Drift]:
    """The drifts to show by their place in the scorecard: a column's greatest, those with a limit before the others."""
    found: dict[tuple[str, str], int] = {}
    for place, drift in sorted(enumerate(scorecard.drifts), key=lambda pair: (pair[1].limit is None, -pair[1].value)):
        found.setdefault((drift.table, drift.column), place)
    return {place: scorecard.drifts[place] for place in list(found.values())[:FINDINGS]}


def curve_groups(curves: Mapping[str, list[float | None]]) -> list[dict[str, list[float | None]]]:
    """Losses, and the other curves, which have another scale; groups without a curve are left out."""
    losses = {name: curve for name, curve in curves.items() if "loss" in name}
    return [group for group in (losses, {n: c for n, c in curves.items() if n not in losses}) if group]


def trade_off(scorecard: Scorecard) -> tuple[list[tuple[float, float]], list[str]]:
    """Variety and accuracy at each measured value of diversity, and those values."""
    points, labels = [], []
    for point in scorecard.diversity:
        variety, accuracy = point.get("ild@10"), point.get("ndcg@10")
        if variety is not None and accuracy is not None:
            points.append((variety, accuracy))
            labels.append(f"{point['diversity']:g}")
    return points, labels


def trends(scorecards: Sequence[Scorecard]) -> dict[str, dict[str, list[float | None]]]:
    """Title → line → a value for each run, oldest first; empty if there are not two runs to draw a line between.

    Args:
        scorecards: newest first.
    """
    runs = list(reversed(scorecards))
    if len(runs) < 2:
        return {}
    values = [run.metrics.get((splits(run) or [SPLITS[0]])[0], {}) for run in runs]
    found: dict[str, dict[str, list[float | None]]] = {
        name: {system: [value.get(system, {}).get(name) for value in values] for system in SYSTEMS}
        for name in (*HEADLINES, "coverage@10")
    }
    found["minutes"] = {"minutes": [None if run.run.seconds is None else run.run.seconds / 60 for run in runs]}
    drawn = {
        title: {name: curve for name, curve in lines.items() if any(value is not None for value in curve)}
        for title, lines in found.items()
    }
    return {title: lines for title, lines in drawn.items() if lines}
