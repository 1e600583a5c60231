"""How values are written for people, the same on the page and in the terminal."""

from __future__ import annotations

import re
import unicodedata

from components.report.evidence import Comparison
from components.report.run import Refusal
from components.report.scorecard import Scorecard

MISSING = "–"


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


def plain(text: str, width: int = 60) -> str:
    """Text for one line of a terminal: no control characters (they could repaint it), cut to `width` characters."""
    visible = "".join(" " if unicodedata.category(character)[0] == "C" else character for character in text)
    line = " ".join(visible.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def difference(comparison: Comparison) -> str:
    """This run's value minus the published model's, with its share of the latter."""
    off = comparison.value - comparison.baseline
    share = f" ({off / abs(comparison.baseline):+.1%})" if comparison.baseline else ""
    return f"{off:+.4f}{share}"
