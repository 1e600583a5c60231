"""From raw rows of any source to the canonical types that the rest of the pipeline builds on."""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from components.source.cells.arrays import plain
from components.source.cells.images import images
from components.source.cells.lists import lists
from components.source.cells.numbers import floats, integers, targets
from components.source.cells.place import Place
from components.source.cells.texts import events, ids, splits, texts
from components.source.cells.times import times
from components.source.columns import canonical_type, columns_of
from components.source.config import DataConfig
from components.source.source import Partition, Source
from modules.errors import InputError
from modules.roles import Column, Encoding, Part, Roles

_IMAGE_ROWS = 500  # rows with images are normalised in slices, so that only so many images are in memory at once
_Convert = Callable[[pa.Array, Place], pa.Array]


@dataclasses.dataclass(frozen=True)
class CellLimits:
    """What a cell may hold, beyond its type.

    Attributes:
        max_cell_bytes: longest text, in bytes of UTF-8.
        events: known kinds of interaction; empty: any.
        image_folder: folder that the paths of images start from, or None.
        now: seconds since the epoch that "in the future" is measured from; None: the clock.
    """

    max_cell_bytes: int = 1_000_000
    events: frozenset[str] = frozenset()
    image_folder: str | None = None
    now: float | None = None

    @classmethod
    def of(cls, config: DataConfig, source: Source) -> CellLimits:
        """The limits that a configuration sets for the cells of a source."""
        return cls(config.max_cell_bytes, frozenset(config.event_weights), source.folder)


def normalise(raw: pa.Table, table: str, roles: Roles, limits: CellLimits, first_row: int) -> pa.Table:
    """Checks raw rows and brings them to canonical types.

    Args:
        raw: rows as a partition read them; columns that are not in the schema are left out.
        table: name of their table.
        roles: the schema.
        limits: what cells may hold.
        first_row: number, from 0, of the first row in the table; messages count from 1.

    Returns:
        The same rows with the columns of `columns_of`, each of its `canonical_type`.

    Raises:
        InputError: a column is missing, or a cell is refused; names table, column, row, ids and value.
    """
    columns = columns_of(table, roles, raw.column_names)
    keys = tuple(column.name for column in columns if column.part in (Part.USER_ID, Part.ITEM_ID))
    arrays = []
    for column in columns:
        if column.name not in raw.column_names:
            raise InputError(f"table {table}", f'a column "{column.name}"', ", ".join(raw.column_names))
        place = Place(table, column.name, raw, first_row, keys)
        array = plain(raw.column(column.name), place)
        cells = _converter(column, limits)(array, place)
        if column.required:
            place.refuse(pc.is_null(cells), "a value in every row (the schema's presence)", array)
        arrays.append(cells)
    return pa.table(arrays, schema=pa.schema([(column.name, canonical_type(column)) for column in columns]))


def read_table(partition: Partition, roles: Roles, limits: CellLimits) -> Iterator[pa.Table]:
    """Reads a partition and normalises it, chunk by chunk."""
    has_images = any(column.encoding is Encoding.IMAGE for column in columns_of(partition.table, roles, ()))
    for first_row, raw in partition.read():
        step = _IMAGE_ROWS if has_images else max(raw.num_rows, 1)
        for start in range(0, raw.num_rows, step):
            yield normalise(raw.slice(start, step), partition.table, roles, limits, first_row + start)


def _converter(column: Column, limits: CellLimits) -> _Convert:
    """What turns a plain array of the column's raw cells into its canonical type."""
    longest = limits.max_cell_bytes
    parts: dict[Part, _Convert] = {
        Part.USER_ID: ids,
        Part.ITEM_ID: ids,
        Part.TIME: functools.partial(times, now=time.time() if limits.now is None else limits.now),
        Part.TARGET: functools.partial(targets, minimum=column.minimum, maximum=column.maximum),
        Part.SPLIT: splits,
        Part.EVENT: functools.partial(events, max_bytes=longest, known=limits.events),
    }
    if column.part:
        return parts[column.part]
    if column.encoding is Encoding.IMAGE:
        return functools.partial(images, folder=limits.image_folder)
    single: dict[str, _Convert] = {
        "bytes": functools.partial(texts, max_bytes=longest),
        "int": integers,
        "float": floats,
    }
    convert = single[column.dtype]
    return functools.partial(lists, max_bytes=longest, convert=convert) if column.is_list else convert
