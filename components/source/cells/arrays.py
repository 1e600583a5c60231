"""Brings the many Arrow types of raw columns down to a few."""

from __future__ import annotations

import decimal

import pyarrow as pa
import pyarrow.types as pt

from components.source.cells.place import Place


def plain(column: pa.ChunkedArray | pa.Array, place: Place) -> pa.Array:
    """One array of type null, bool, an integer, float32/64, decimal, string, timestamp, date, binary, or a list.

    Strings are checked to be UTF-8: Parquet files may claim it and hold something else. Values of lists are left alone.
    """
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    array = pa.concat_arrays([_unwrapped(chunk) for chunk in chunks]) if chunks else pa.array([], column.type)
    kind = array.type
    if pt.is_dictionary(kind):  # without any chunk, that is without rows
        return array.dictionary_decode()
    if pt.is_string(kind) or pt.is_large_string(kind):
        return decoded(array.cast(pa.large_binary()).cast(pa.binary()), place)
    if pt.is_large_binary(kind) or pt.is_fixed_size_binary(kind):
        return array.cast(pa.binary())
    if pt.is_float16(kind):
        return pa.array(array.to_numpy(zero_copy_only=False).astype("float32"), mask=array.is_null().to_numpy(False))
    return array


def _unwrapped(array: pa.Array) -> pa.Array:
    """Without extension types, whose storage is what counts, and dictionaries, which differ from chunk to chunk."""
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    return array.dictionary_decode() if pt.is_dictionary(array.type) else array


def decoded(array: pa.Array, place: Place) -> pa.Array:
    """Text out of bytes: string of the same length.

    Raises:
        InputError: some value is not UTF-8.
    """
    try:
        return array.cast(pa.string())
    except pa.ArrowInvalid:
        for index, value in enumerate(array):
            try:
                (value.as_py() or b"").decode("utf-8")
            except UnicodeDecodeError as error:
                start = max(0, error.start - 20)
                place.refuse_at(index, "UTF-8 text", f"{value.as_py()[start : error.end + 20]!r}, byte {error.start}")
        raise


def decimal_text(value: decimal.Decimal) -> str:
    """A decimal without the zeros that say nothing; whole ones look like integers."""
    return str(int(value)) if value == value.to_integral_value() else format(value.normalize(), "f")
