"""Brings the many Arrow types of raw columns down to a few."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.types as pt

from components.source.cells.place import Place


def plain(column: pa.ChunkedArray, place: Place) -> pa.Array:
    """One array of type null, bool, an integer, float32/64, decimal, string, timestamp, date, binary, or a list of it.

    Strings are checked to be UTF-8: Parquet files may claim it and hold something else.
    """
    return _plain(
        pa.concat_arrays([_decoded(chunk) for chunk in column.chunks])
        if column.num_chunks
        else pa.array([], column.type),
        place,
    )


def _decoded(array: pa.Array) -> pa.Array:
    """Without extension types, whose storage is what counts, and dictionaries, which differ from chunk to chunk."""
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    return array.dictionary_decode() if pt.is_dictionary(array.type) else array


def _plain(array: pa.Array, place: Place) -> pa.Array:
    kind = array.type
    if pt.is_dictionary(kind):
        return _plain(array.dictionary_decode(), place)
    if pt.is_string(kind) or pt.is_large_string(kind):
        return decoded(array.cast(pa.large_binary()).cast(pa.binary()), place)
    if pt.is_large_binary(kind) or pt.is_fixed_size_binary(kind):
        return array.cast(pa.binary())
    if pt.is_float16(kind):
        return pa.array(array.to_numpy(zero_copy_only=False).astype("float32"), mask=array.is_null().to_numpy(False))
    if pt.is_large_list(kind) or pt.is_fixed_size_list(kind):
        return array.cast(pa.list_(kind.value_type))
    return array


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
