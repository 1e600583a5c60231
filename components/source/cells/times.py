"""Time cells: seconds since the epoch, timestamps, dates or ISO-8601 text."""

from __future__ import annotations

import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from components.source.cells.numbers import numbers
from components.source.cells.place import Place

_EXPECTED = "seconds since the epoch, a timestamp or ISO-8601 text"
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_DAY = 86_400
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
    if pt.is_string(kind):
        if not pc.all(pc.match_substring_regex(array, pattern=r"^\s*[+-]?[0-9]+(\.[0-9]*)?\s*$"), min_count=0).as_py():
            return pa.array([_parsed(i, text, place) for i, text in enumerate(array.to_pylist())], pa.int64())
    elif pt.is_boolean(kind) or pt.is_null(kind) or pt.is_temporal(kind) or pt.is_binary(kind):
        place.refuse(pc.is_valid(array), _EXPECTED, array)
    number = numbers(array, place, _EXPECTED)
    for unit, least in (("nanoseconds", 1e17), ("microseconds", 1e14), ("milliseconds", _TOO_LARGE_FOR_SECONDS)):
        place.refuse(pc.greater(number, least), "seconds since the epoch", array, f"{unit}?")
    return pc.floor(number).cast(pa.int64())


def _parsed(index: int, text: str, place: Place) -> int:
    """Seconds of one text, in a column where not every one is a number."""
    number = pa.array([text])
    if pc.match_substring_regex(number, pattern=r"^\s*[+-]?[0-9]+(\.[0-9]*)?\s*$")[0].as_py():
        row = np.array([index if place.rows is None else place.rows[index]])
        return int(_seconds(number, place.of_values(row))[0].as_py())
    try:
        moment = datetime.datetime.fromisoformat(text.strip())
    except ValueError:
        place.refuse_at(index, _EXPECTED, repr(text[:100]))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return int(moment.timestamp() // 1)
