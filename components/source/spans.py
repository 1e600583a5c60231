"""Locations with a place for a span: a folder, or a SQLite file, for every night."""

from __future__ import annotations

import datetime
import glob
import re
from collections.abc import Mapping

from components.source.credentials import redact
from modules.errors import InputError

_NUMBER, _DATE = ("SPAN",), ("YYYY", "MM", "DD")
_WIDTHS = {"SPAN": r"\d+", "YYYY": r"\d{4}", "MM": r"\d{2}", "DD": r"\d{2}"}
_PLACE = re.compile(r"\{(SPAN|YYYY|MM|DD)\}")


def has_span(location: str) -> bool:
    """Whether a location says where a span's number or date goes."""
    return _PLACE.search(location) is not None


def location_of_span(location: str, span: str = "") -> str:
    """The location of one span.

    Args:
        location: with `{SPAN}`, a number, or with `{YYYY}`, `{MM}` and `{DD}`, a date, in TFX's words; each may be
            there more than once. Without them there is one span, and the location is what it is.
        span: a number or a date (2026-11-22); "" takes the newest one that exists, of a folder or a SQLite file.

    Raises:
        InputError: a span where there is no place for one, or of another form; none that exists; "" for a server, whose
            databases cannot be listed.
    """
    names = tuple(dict.fromkeys(_PLACE.findall(location)))
    if not names:
        if span:
            raise InputError("span", "none for a source without {SPAN} or {YYYY}, {MM} and {DD} in it", span)
        return location
    if set(names) not in (set(_NUMBER), set(_DATE)):
        raise InputError(f"source {redact(location)}", "{SPAN}, or all of {YYYY}, {MM} and {DD}", ", ".join(names))
    values = _given(span, names) if span else _newest(location)
    return _PLACE.sub(lambda place: values[place[1]], location)


def _given(span: str, names: tuple[str, ...]) -> Mapping[str, str]:
    if names == _NUMBER:
        if not (span.isascii() and span.isdecimal()):
            raise InputError("span", "a number such as 17", span)
        return {"SPAN": span}
    try:
        date = datetime.date.fromisoformat(span)
    except ValueError as error:
        raise InputError("span", "a date such as 2026-11-22", span) from error
    return {"YYYY": f"{date.year:04d}", "MM": f"{date.month:02d}", "DD": f"{date.day:02d}"}


def _newest(location: str) -> Mapping[str, str]:
    """The greatest number, or the latest date, for which there is a folder or file."""
    scheme, separator, path = location.rpartition("://")
    if separator and scheme != "sqlite":
        expected = "a span: only folders and SQLite files can be looked through for the newest"
        raise InputError(f"source {redact(location)}", expected, "none")
    path = path.removeprefix("/") if separator else path
    parts = _PLACE.split(path)  # text and names in turns
    pattern, seen = "", set()
    for index, part in enumerate(parts):
        if index % 2 == 0:
            pattern += re.escape(part)
        else:
            pattern += f"(?P={part})" if part in seen else f"(?P<{part}>{_WIDTHS[part]})"
            seen.add(part)
    wildcards = "".join("*" if index % 2 else glob.escape(part) for index, part in enumerate(parts))
    there = glob.glob(wildcards)  # noqa: PTH207 – Path.glob takes no absolute pattern
    found = [match.groupdict() for name in there if (match := re.fullmatch(pattern, name))]
    if not found:
        raise InputError(f"source {redact(location)}", "a folder or file for one span at least", "none")
    return max(found, key=lambda values: tuple(int(values[name]) for name in (_NUMBER if "SPAN" in seen else _DATE)))
