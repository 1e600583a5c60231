"""List cells: Parquet or SQL lists, or text joined by `|`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from components.source.cells.arrays import decoded, plain
from components.source.cells.place import Place

SEPARATOR = "|"


def lists(array: pa.Array, place: Place, max_bytes: int, convert: Callable[[pa.Array, Place], pa.Array]) -> pa.Array:
    """List cells: list<type of `convert`>, null where the cell is null, empty where it is empty text.

    Null and empty values inside of a list are left out: they say nothing, and examples cannot hold a null.

    Args:
        array: lists, text joined by `|` (white space around the parts is dropped), or scalars: a list of one.
        place: for messages.
        max_bytes: longest text of a whole cell.
        convert: normalises the flat values, given where they come from.

    Raises:
        InputError: from `convert`, or if a text is too long.
    """
    if pt.is_binary(array.type):
        array = decoded(array, place)
    missing = pc.is_null(array).to_numpy(zero_copy_only=False)
    if pt.is_string(array.type):
        place.refuse(pc.greater(pc.binary_length(array), max_bytes), f"a text of {max_bytes:,} bytes at most", array)
        array = pc.split_pattern(array, SEPARATOR)
    if pt.is_list(array.type) or pt.is_large_list(array.type) or pt.is_fixed_size_list(array.type):
        counts = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
        rows = np.repeat(np.arange(len(array), dtype=np.int64), counts)
        values = plain(array.flatten(), place.of_values(rows))
    else:
        rows = np.flatnonzero(~missing)
        values = array.drop_null()
    if pt.is_string(values.type):
        values = pc.utf8_trim_whitespace(values)
        kept = pc.not_equal(values, "")
        rows, values = rows[pc.fill_null(kept, False).to_numpy(zero_copy_only=False)], values.filter(kept)
    values = convert(values, place.of_values(rows))
    valid = pc.is_valid(values).to_numpy(zero_copy_only=False)
    return _listed(values.drop_null(), rows[valid], missing)


def _listed(values: pa.Array, rows: npt.NDArray[np.int64], missing: npt.NDArray[np.bool_]) -> pa.Array:
    """Lists out of flat values and the row of each."""
    ends = np.cumsum(np.bincount(rows, minlength=len(missing)))
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    null_offsets = np.concatenate([missing, [False]])  # a null offset makes its list null
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32(), mask=null_offsets), values)
