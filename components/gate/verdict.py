"""One rule applied to the evidence."""

from __future__ import annotations

import dataclasses
import math


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What a rule found.

    Attributes:
        name: of the rule; of a slice or a column with what it is about, such as "slice region=east".
        value: what was measured, None where nothing was.
        limit: what passes from there on.
        passed: whether it did.
        reason: one sentence for people.
    """

    name: str
    value: float | None
    limit: float | None
    passed: bool
    reason: str


def number(value: object) -> float | None:
    """A finite number; None for everything else, NaN and booleans among it."""
    usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if usable else None  # type: ignore[arg-type]


def at_least(name: str, what: str, value: float | None, limit: float | None, origin: str = "") -> Verdict:
    """Passes from the limit upwards; without a value or a limit nothing does. `origin` says where the limit is from."""
    return _compared(name, what, value, limit, origin, rises=True)


def at_most(name: str, what: str, value: float | None, limit: float | None, origin: str = "") -> Verdict:
    """Passes up to the limit; see `at_least`."""
    return _compared(name, what, value, limit, origin, rises=False)


def yes(name: str, passed: bool, reason: str) -> Verdict:
    """A rule that is not about a number."""
    return Verdict(name, None, None, passed, reason)


def written(value: float) -> str:
    """A number in a reason: four decimals, or four digits where these would say nothing."""
    return f"{value:.4f}" if value == 0 or 0.001 <= abs(value) < 1e6 else f"{value:.4g}"


def _compared(name: str, what: str, value: float | None, limit: float | None, origin: str, rises: bool) -> Verdict:
    if value is None or limit is None:
        missing = what if value is None else f"what {what} is compared with{origin}"
        return Verdict(name, value, limit, False, f"{missing} is missing or not a number")
    passed = value >= limit if rises else value <= limit
    within, beyond = ("at or above", "below") if rises else ("at or below", "above")
    relation = within if passed else f"{written(abs(limit - value))} {beyond}"
    return Verdict(
        name, value, limit, passed, f"{what} is {written(value)}, {relation} the limit {written(limit)}{origin}"
    )
