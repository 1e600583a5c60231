"""When a schedule runs: cron as Kubeflow Pipelines reads it, with seconds first."""

from __future__ import annotations

import re

from modules.errors import InputError

# Ranges of the fields; months and days of the week may be names too.
_FIELDS = (
    ("second", 0, 59, ()),
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
    ("day of the week", 0, 6, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)
_PART = re.compile(r"(?P<first>\*|\?|\w+)(?:-(?P<last>\w+))?(?:/(?P<step>\d+))?")


def check_cron(cron: str, where: str) -> None:
    """Refuses what Kubeflow would refuse, or silently take for something else.

    Raises:
        InputError: not six fields (with five, Kubeflow takes the minute for the second: the message has the six), or
            a field out of its range.
    """
    fields = cron.split()
    if len(fields) == 5:
        meant = " ".join(["0", *fields])
        raise InputError(where, f'six fields, seconds first, such as "{meant}"', f'five: "{cron}"')
    if len(fields) != 6:
        raise InputError(where, 'six fields, seconds first, such as "0 30 3 * * *"', f'"{cron}"')
    for (name, low, high, names), field in zip(_FIELDS, fields, strict=True):
        for part in field.split(","):
            if not _fits(part, low, high, names):
                raise InputError(f"{where}, {name}", f"*, numbers from {low} to {high}, ranges and steps", f'"{field}"')


def _fits(part: str, low: int, high: int, names: tuple[str, ...]) -> bool:
    """Whether one element of a field is `*`, a value or a range of values, perhaps with a step."""
    match = _PART.fullmatch(part)
    if not match or (match["step"] is not None and int(match["step"]) < 1):
        return False
    if match["first"] in ("*", "?"):
        return match["last"] is None and (match["first"] == "*" or bool(names) or high == 31)
    first = _number(match["first"], low, names)
    last = first if match["last"] is None else _number(match["last"], low, names)
    return first is not None and last is not None and low <= first <= last <= high


def _number(text: str, low: int, names: tuple[str, ...]) -> int | None:
    if text.lower() in names:
        return names.index(text.lower()) + low
    return int(text) if text.isascii() and text.isdecimal() else None
