"""Time cells: seconds since the epoch, timestamps, dates or ISO-8601 text."""

from __future__ import annotations

import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from components.source.cells.arrays import decoded
from components.source.cells.numbers import numbers
from components.source.cells.place import Place

_EXPECTED = "seconds since the epoch, a timestamp or ISO-8601 text"
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_DAY = 86_400
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_SECOND = datetime.timedelta(seconds=1)
_NUMBER = r"^\s*[+-]?[0-9]+(\.[0-9]*)?\s*$"
# No time in seconds before the year 5138 is that large, and none in milliseconds after March 1973 that small.
_TOO_LARGE_FOR_SECONDS = 100_000_000_000


def times(array: pa.Array, place: Place, now: float) -> pa.Array:
    """Moments as int64 seconds since the epoch, never null. What has no time zone is UTC; fractions are cut off.

    Args:
        array: integers, floats, decimals, timestamps, dates or text.
        place: for messages.
        now: seconds since the epoch; a moment more than a day later is in the future.

    Raises:
        InputError: null, no time, before 1970, in the future, or not in seconds.
    """
    place.refuse(pc.is_null(array, nan_is_null=True), _EXPECTED, array)
    seconds = _seconds(array, place)
    place.refuse(pc.less(seconds, 0), f"{_EXPECTED}, 1970 or later", array)
    place.refuse(pc.greater(seconds, int(now) + _DAY), f"{_EXPECTED}, not in the future", array)
    return seconds


def _seconds(array: pa.Array, place: Place) -> pa.Array:
    kind = array.type
    if pt.is_timestamp(kind):
        return pa.array(array.cast(pa.int64()).to_numpy() // _PER_SECOND[kind.unit], pa.int64())
    if pt.is_date32(kind):
        return pa.array(array.cast(pa.int32()).to_numpy().astype(np.int64) * _DAY, pa.int64())
    if pt.is_date64(kind):
        return pa.array(array.cast(pa.int64()).to_numpy() // 1_000, pa.int64())
    if pt.is_string(kind) or pt.is_binary(kind):
        return _of_text(decoded(array, place) if pt.is_binary(kind) else array, place)
    if pt.is_boolean(kind) or pt.is_null(kind) or pt.is_temporal(kind):
        place.refuse(pc.is_valid(array), _EXPECTED, array)
    return _of_numbers(array, place)


def _of_numbers(array: pa.Array, place: Place) -> pa.Array:
    """Seconds out of numbers or numeric text."""
    number = numbers(array, place, _EXPECTED)
    place.refuse(pc.is_null(number, nan_is_null=True), _EXPECTED, array)
    for unit, least in (("nanoseconds", 1e17), ("microseconds", 1e14), ("milliseconds", _TOO_LARGE_FOR_SECONDS)):
        place.refuse(pc.greater(number, least), "seconds since the epoch", array, f"{unit}?")
    return pc.floor(number).cast(pa.int64(), safe=False)


def _of_text(array: pa.Array, place: Place) -> pa.Array:
    """Seconds out of text: of a number where it looks like one, else of an ISO-8601 time."""
    numeric = pc.match_substring_regex(array, pattern=_NUMBER).to_numpy(zero_copy_only=False)
    seconds = np.empty(len(array), np.int64)
    rows = np.arange(len(array)) if place.rows is None else place.rows
    seconds[numeric] = _of_numbers(array.filter(pa.array(numeric)), place.of_values(rows[numeric])).to_numpy()
    others = np.flatnonzero(~numeric)
    seconds[others] = [
        _parsed(int(i), text, place) for i, text in zip(others, array.take(others).to_pylist(), strict=True)
    ]
    return pa.array(seconds)


def _parsed(index: int, text: str, place: Place) -> int:
    try:
        moment = datetime.datetime.fromisoformat(text.strip())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    except ValueError:
        place.refuse_at(index, _EXPECTED, repr(text[:100]))
    return (moment - _EPOCH) // _SECOND
