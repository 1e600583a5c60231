"""Number cells: of continuous, integer and target columns."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from components.source.cells.arrays import decimal_text, decoded
from components.source.cells.place import Place

_INTEGER = re.compile(r"[+-]?[0-9]+")
_FLOAT32_MAX = float(np.finfo(np.float32).max)
_BEYOND_INT64 = 2.0**63


def numbers(array: pa.Array, place: Place, expected: str = "a number") -> pa.Array:
    """Numbers, booleans (0 and 1), decimals and numeric text: float64, NaN kept, null where the cell is or is blank.

    Raises:
        InputError: anything else.
    """
    kind = array.type
    if pt.is_boolean(kind):
        return array.cast(pa.int8()).cast(pa.float64())
    if pt.is_null(kind) or pt.is_integer(kind) or pt.is_floating(kind) or pt.is_decimal(kind):
        return array.cast(pa.float64(), safe=False)
    if pt.is_string(kind) or pt.is_binary(kind):
        text = _stripped(array, place)
        try:
            return text.cast(pa.float64())
        except pa.ArrowInvalid:
            return pa.array([_number(text, i, place, expected) for i in range(len(text))], pa.float64())
    place.refuse(pc.is_valid(array), expected, array)
    return pa.nulls(len(array), pa.float64())


def floats(array: pa.Array, place: Place) -> pa.Array:
    """Values of a FLOAT column: float32, null for NaN.

    Raises:
        InputError: not a number, infinite, or too large for float32.
    """
    value = numbers(array, place)
    value = pc.if_else(pc.is_nan(value), pa.scalar(None, pa.float64()), value)
    place.refuse(pc.greater(pc.abs(value), _FLOAT32_MAX), "a finite number that a 32-bit float can hold", array)
    return value.cast(pa.float32())


def integers(array: pa.Array, place: Place) -> pa.Array:
    """Values of an INT column: int64, null for NaN. Whole floats and integer text count as integers.

    Raises:
        InputError: not an integer, or beyond 64 bits.
    """
    expected = "an integer"
    kind = array.type
    if pt.is_boolean(kind):
        return array.cast(pa.int8()).cast(pa.int64())
    if pt.is_integer(kind):
        if pt.is_uint64(kind):
            place.refuse(pc.greater(array, pa.scalar(2**63 - 1, pa.uint64())), "an integer of 64 bits", array)
        return array.cast(pa.int64())
    if pt.is_string(kind) or pt.is_binary(kind):
        text = _stripped(array, place)
        if pc.all(pc.match_substring_regex(text, pattern=r"^-?[0-9]{1,18}$"), min_count=0).as_py():
            return text.cast(pa.int64())
        return pa.array([_integer(text, i, place) for i in range(len(text))], pa.int64())
    if pt.is_decimal(kind):
        text = pa.array([None if value is None else decimal_text(value) for value in array.to_pylist()], pa.string())
        return pa.array([_integer(text, i, place) for i in range(len(text))], pa.int64())
    value = numbers(array, place, expected)
    value = pc.if_else(pc.is_nan(value), pa.scalar(None, pa.float64()), value)
    place.refuse(pc.not_equal(pc.floor(value), value), expected, array)
    place.refuse(pc.greater_equal(pc.abs(value), _BEYOND_INT64), "an integer of 64 bits", array)
    return value.cast(pa.int64(), safe=False)


def targets(array: pa.Array, place: Place, minimum: float | None, maximum: float | None) -> pa.Array:
    """Values of the target: float32, never null, within the limits of the schema (0 or more, if it has no minimum).

    Raises:
        InputError: null, NaN, infinite, out of the limits, or not a number.
    """
    least = 0.0 if minimum is None else minimum
    expected = f"a number of at least {least:g}" if maximum is None else f"a number from {least:g} to {maximum:g}"
    value = numbers(array, place, expected)
    place.refuse(pc.is_null(value, nan_is_null=True), expected, array)
    place.refuse(pc.less(value, least), expected, array)
    place.refuse(pc.greater(value, _FLOAT32_MAX if maximum is None else maximum), expected, array)
    place.refuse(pc.is_inf(value), expected, array)
    return value.cast(pa.float32())


def _stripped(array: pa.Array, place: Place) -> pa.Array:
    """Text without white space around it; blank text is null."""
    text = pc.utf8_trim_whitespace(decoded(array, place) if pt.is_binary(array.type) else array)
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _number(text: pa.Array, index: int, place: Place, expected: str) -> float | None:
    """The number that a text is, if it has one that Arrow did not see ("+5"), else the refusal."""
    value = text[index].as_py()
    if value is None:
        return None
    try:
        number = float(value)
    except ValueError:
        place.refuse_at(index, expected, repr(value))
    if "_" in value:  # Python's own way to group digits
        place.refuse_at(index, expected, repr(value))
    return number


def _integer(text: pa.Array, index: int, place: Place) -> int | None:
    value = text[index].as_py()
    if value is None:
        return None
    if _INTEGER.fullmatch(value):
        whole = int(value)
    else:
        number = _number(text, index, place, "an integer")
        if number is not None and np.isnan(number):
            return None
        if number is None or not number.is_integer():
            place.refuse_at(index, "an integer", repr(value))
        whole = int(number)
    if not -(2**63) <= whole < 2**63:
        place.refuse_at(index, "an integer of 64 bits", value)
    return whole
