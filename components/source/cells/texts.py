"""Text cells: of text and categorical columns, titles, ids, kinds of events and splits."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from components.source.cells.arrays import decimal_text, decoded
from components.source.cells.place import Place

_WHOLE_FLOATS = 2.0**53  # up to here float64 holds every integer
MAX_ID_LENGTH = 256
# Control, format, symbol and private characters (Unicode Cc, Cf, So, Co; Cs cannot occur in UTF-8), line and paragraph
# separators, the comma, and what makes an emoji out of plain characters or is newer than Arrow's Unicode tables.
_NOT_IN_IDS = r"[\p{Cc}\p{Cf}\p{So}\p{Co}\p{Zl}\p{Zp},\x{1F000}-\x{1FAFF}\x{FE0F}\x{20E3}]"


def texts(array: pa.Array, place: Place, max_bytes: int) -> pa.Array:
    """Text of any scalar: string, null where the cell is (a NaN counts as null).

    Whole floats are written as integers: that is how pandas stores integers beside missing values. Times are ISO-8601.

    Raises:
        InputError: not a single value, not UTF-8, longer than `max_bytes`, or holding a NUL character.
    """
    text = _text(array, place)
    place.refuse(pc.greater(pc.binary_length(text), max_bytes), f"a text of {max_bytes:,} bytes at most", text)
    place.refuse(pc.match_substring(text, "\x00"), "text without NUL characters", text)
    return text


def ids(array: pa.Array, place: Place) -> pa.Array:
    """Ids as text: string, never null.

    Raises:
        InputError: null, empty, longer than 256 characters, of a type that is no id, or with characters that break
            files of one id per line, lists of ids and URLs (control characters, commas, symbols, emoji).
    """
    expected = "an integer or text id"
    kind = array.type
    if pt.is_boolean(kind) or pt.is_temporal(kind):
        place.refuse(pc.is_valid(array), expected, array)
    if pt.is_floating(kind):
        place.refuse(pc.not_equal(pc.floor(array), array), expected, array)
        place.refuse(pc.greater_equal(pc.abs(array), _WHOLE_FLOATS), expected, array, "too large for a float")
    text = _text(array, place)
    place.refuse(pc.is_null(text), "an id in every row", array)
    place.refuse(pc.equal(pc.binary_length(text), 0), "an id in every row", text)
    if not pt.is_integer(kind):
        place.refuse(
            pc.greater(pc.utf8_length(text), MAX_ID_LENGTH), f"an id of {MAX_ID_LENGTH} characters at most", text
        )
        place.refuse(
            pc.match_substring_regex(text, pattern=_NOT_IN_IDS),
            "an id without line breaks, control characters, commas, symbols and emoji",
            text,
        )
    return text


def splits(array: pa.Array, place: Place) -> pa.Array:
    """Values of the split column: string out of train, eval, test.

    Raises:
        InputError: anything else.
    """
    expected = '"train", "eval" or "test"'
    text = _text(array, place)
    place.refuse(pc.is_null(text), expected, array)
    place.refuse(pc.invert(pc.is_in(text, value_set=pa.array(["train", "eval", "test"]))), expected, array)
    return text


def events(array: pa.Array, place: Place, max_bytes: int, known: frozenset[str]) -> pa.Array:
    """Kinds of interaction: string; if any are known by their weight, then out of these.

    Raises:
        InputError: a kind has no weight.
    """
    text = texts(array, place, max_bytes)
    if known:
        names = sorted(known)
        stranger = pc.invert(pc.is_in(text, value_set=pa.array(names, pa.string())))
        listed = ", ".join(names)
        place.refuse(stranger, f"a kind of event with a weight in [data.event_weights] ({listed})", array)
    return text


def _text(array: pa.Array, place: Place) -> pa.Array:
    kind = array.type
    if pt.is_string(kind):
        return array
    if pt.is_binary(kind):
        return decoded(array, place)
    if pt.is_null(kind) or pt.is_boolean(kind) or pt.is_integer(kind):
        return array.cast(pa.string())
    if pt.is_floating(kind):
        return _float_text(array)
    if pt.is_decimal(kind):
        return pa.array([None if value is None else decimal_text(value) for value in array.to_pylist()], pa.string())
    if pt.is_timestamp(kind):
        return array.cast(pa.timestamp(kind.unit)).cast(pa.string())  # without its zone the value is UTC
    if pt.is_temporal(kind):
        return array.cast(pa.string())
    place.refuse(pc.is_valid(array), "a single value", array)
    return pa.nulls(len(array), pa.string())


def _float_text(array: pa.Array) -> pa.Array:
    value = pc.if_else(pc.is_nan(array), pa.scalar(None, array.type), array)
    whole = pc.and_(pc.equal(pc.floor(value), value), pc.less(pc.abs(value), _WHOLE_FLOATS))
    integer = pc.if_else(whole, value, pa.scalar(0, array.type)).cast(pa.int64())
    return pc.if_else(whole, integer.cast(pa.string()), value.cast(pa.string()))
