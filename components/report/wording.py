"""How values are written for people, the same on the page and in the terminal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from components.report.evidence import Comparison, Drift
from components.report.scorecard import Refusal, Scorecard, Slice

MISSING = "–"
SYSTEMS = ("popularity", "retrieval", "published", "recommender")  # in the order of the tables
SPLITS = ("test", "eval")  # the one that nothing was chosen by comes first
HEADLINES = ("ndcg@10", "recall@100")
FINDINGS = 6  # about the data, on the page of the run; the page about the data has them all


def number(value: float | int | str | None) -> str:
    """A value to four significant decimals; whole numbers with thousands separators."""
    if value is None:
        return MISSING
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if float(value).is_integer() and (isinstance(value, int) or abs(value) >= 10):
        return f"{int(value):,}"
    if abs(value) >= 10:
        return f"{value:,.2f}"
    if 0 < abs(value) < 0.00005:
        return f"{value:.1e}"
    return f"{value:.4f}"


def setting(value: float | str) -> str:
    """A hyper-parameter, to three digits."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def seconds(value: float | None) -> str:
    """A duration, such as "0.4 s", "38 s" or "7 min 05 s"."""
    if value is None:
        return MISSING
    if value < 10:
        return f"{value:.1f} s"
    whole = round(value)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"


def moment(text: str | None) -> str:
    """An ISO 8601 moment as "2024-05-06 02:00:11 UTC", in whatever zone it has; other text as it is."""
    if not text:
        return MISSING
    return re.sub(r"^(\d{4}-\d\d-\d\d)T([\d:]{5,8})(\.\d+)?", r"\1 \2", re.sub(r"(\+00:00|Z)$", " UTC", text))


def metric_names(scorecard: Scorecard, split: str) -> list[str]:
    """Names of the metrics of a split in the order in which they first appear, without the number of queries."""
    systems = scorecard.metrics.get(split, {})
    return list(dict.fromkeys(name for values in systems.values() for name in values if name != "queries"))


def systems(scorecard: Scorecard, split: str) -> list[str]:
    """The systems of a split, the known ones first and in order."""
    found = scorecard.metrics.get(split, {})
    return [system for system in SYSTEMS if system in found] + [system for system in found if system not in SYSTEMS]


def splits(scorecard: Scorecard) -> list[str]:
    """The splits that have any metrics, the held-out one first."""
    found = dict.fromkeys([*scorecard.metrics, *scorecard.ranking, *scorecard.slices])
    return [split for split in SPLITS if split in found] + [split for split in found if split not in SPLITS]


def queries(scorecard: Scorecard, split: str) -> float | None:
    """How many queries a split was measured on."""
    found = [values.get("queries") for values in scorecard.metrics.get(split, {}).values()]
    return next((value for value in found if value is not None), None)


def ratio(scorecard: Scorecard, split: str, name: str) -> str:
    """How many times popularity's value the recommender (or else the retrieval model) reaches."""
    values = scorecard.metrics.get(split, {})
    base = values.get("popularity", {}).get(name)
    best = values.get("recommender", values.get("retrieval", {})).get(name)
    return f"{best / base:.2f}×" if base and best is not None else MISSING


def differences(scorecard: Scorecard, split: str) -> list[str]:
    """How far the recommender is above the other systems, and how sure that is, a sentence each."""
    return [
        f"above {other} in ndcg@10 by {mean:+.4f}, 95 % interval {low:+.4f} to {high:+.4f}"
        for other, (mean, low, high) in scorecard.differences.get(split, {}).items()
    ]


def verdict(scorecard: Scorecard) -> str:
    """The outcome as a short sentence."""
    run = scorecard.run
    if run.verdict == "pushed":
        pushed = f"Pushed version {run.pushed_version or MISSING}"
        return f"{pushed}, a refit with {' and '.join(run.refit_splits)}" if run.refit_splits else pushed
    if run.verdict == "refused":
        rules = ", ".join(refusal.rule for refusal in run.refused) or "an unnamed rule"
        return f"Not pushed: refused by {rules}"
    return "Failed: the run did not reach its end"


def shortfall(refusal: Refusal) -> str:
    """By how much a rule was missed, such as "0.021 against a limit of 0.05, off by 0.029 (58 %)"."""
    if refusal.value is None or refusal.limit is None:
        return refusal.reason
    against = f"{number(refusal.value)} against a limit of {number(refusal.limit)}, {how_far(refusal)}"
    return f"{against} – {refusal.reason}" if refusal.reason else against


def how_far(refusal: Refusal) -> str:
    """The distance to the limit, such as "off by 0.029 (58 %)"; empty where the rule is not about a number."""
    if refusal.value is None or refusal.limit is None:
        return ""
    off = abs(refusal.value - refusal.limit)
    share = f" ({off / abs(refusal.limit):.0%})" if refusal.limit else ""
    return f"off by {number(off)}{share}"


def trade_off(scorecard: Scorecard) -> tuple[list[tuple[float, float]], list[str]]:
    """Variety and accuracy at each measured value of diversity, and those values."""
    points, labels = [], []
    for point in scorecard.diversity:
        variety, accuracy = point.get("ild@10"), point.get("ndcg@10")
        if variety is not None and accuracy is not None:
            points.append((variety, accuracy))
            labels.append(f"{point['diversity']:g}")
    return points, labels


def plain(text: str, width: int = 60) -> str:
    """Text for one line of a terminal: no control characters (they could repaint it), cut to `width` characters."""
    visible = "".join(" " if unicodedata.category(character)[0] == "C" else character for character in text)
    line = " ".join(visible.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def headlines(scorecard: Scorecard, split: str) -> list[str]:
    """The two metrics to show first: nDCG@10 and recall@100 if they are there, else the first ones."""
    names = metric_names(scorecard, split)
    return [name for name in HEADLINES if name in names] or names[:2]


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


def difference(comparison: Comparison) -> str:
    """This run's value minus the published model's, with its share of the latter."""
    off = comparison.value - comparison.baseline
    share = f" ({off / abs(comparison.baseline):+.1%})" if comparison.baseline else ""
    return f"{off:+.4f}{share}"


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


def interval(scorecard: Scorecard, split: str, system: str, name: str) -> list[float] | None:
    """The ends of a metric's 95 % interval, if it was measured."""
    return scorecard.intervals.get(split, {}).get(system, {}).get(name)


def drawn(scorecard: Scorecard, split: str, name: str) -> list[float | None]:
    """Every value of a metric that its bars have to have room for: of the systems, their intervals, and the best."""
    best = (scorecard.run.best_achievable or {}).get(split, {})
    values = [values.get(name) for values in scorecard.metrics.get(split, {}).values()]
    intervals = [interval(scorecard, split, system, name) for system in systems(scorecard, split)]
    return [*values, *(ends[1] for ends in intervals if ends), best.get(name)]
