"""Delimited text → checked Arrow columns, a chunk at a time. A wrong row is named by file and line."""

from __future__ import annotations

import csv
import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from modules.errors import InputError

CHUNK_ROWS = 200_000


@dataclasses.dataclass(frozen=True)
class Field:
    """One column of a text file.

    Attributes:
        name: of the column in the table that is made from it.
        type: its Arrow type.
        minimum, maximum: inclusive limits of a number.
    """

    name: str
    type: pa.DataType
    minimum: float | None = None
    maximum: float | None = None


@dataclasses.dataclass(frozen=True)
class Layout:
    """How a file is written.

    Attributes:
        delimiter: between fields; only "," knows quotes.
        encoding: of the text.
        fields: its columns from left to right.
        header: the first line, or None where there is none.
    """

    delimiter: str
    encoding: str
    fields: tuple[Field, ...]
    header: tuple[str, ...] | None = None


def read_tables(path: Path, layout: Layout, chunk_rows: int = CHUNK_ROWS) -> Iterator[pa.Table]:
    """Reads a file in tables of `chunk_rows` rows at most, columns named and typed as in `layout`.

    Raises:
        InputError: the file is unreadable, empty, of another encoding, has another header, or a row has too many
            or too few fields, an empty or unparsable number, or one out of its limits. The line is named.
    """
    rows = _rows(path, layout)
    some = False
    while chunk := list(itertools.islice(rows, chunk_rows)):
        some = True
        numbers, cells = zip(*chunk, strict=True)
        columns = [
            _typed(path, field, numbers, pa.array(column, pa.string()))
            for field, column in zip(layout.fields, zip(*cells, strict=True), strict=True)
        ]
        yield pa.table(columns, names=[field.name for field in layout.fields])
    if not some:
        raise InputError(f"file {path}", "at least one row", "none")


def _rows(path: Path, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Pairs of line number and fields; blank lines hold no row."""
    width = len(layout.fields)
    line = 0
    try:
        with path.open(encoding=layout.encoding, newline="") as text:
            lines = _split(text, layout.delimiter)
            if layout.header:
                line, header = next(lines, (0, []))
                if tuple(header) != layout.header:
                    raise InputError(f"file {path}, line 1", f"the header {','.join(layout.header)}", ",".join(header))
            for line, row in lines:
                if len(row) != width:
                    raise InputError(f"file {path}, line {line}", f"{width} fields", f"{len(row)}")
                yield line, row
    except UnicodeDecodeError as error:
        # Text is decoded in blocks: the line is one of those just after the last good row.
        raise InputError(f"file {path}, after line {line}", f"{layout.encoding} text", error) from error
    except csv.Error as error:
        raise InputError(f"file {path}, after line {line}", "well-formed CSV", error) from error
    except OSError as error:
        raise InputError(f"file {path}", "a readable file", error) from error


def _split(text: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    if len(delimiter) > 1:
        for line, row in enumerate(text, 1):
            if bare := row.rstrip("\r\n"):
                yield line, bare.split(delimiter)
        return
    if delimiter == ",":
        reader = csv.reader(text, strict=True)
    else:
        reader = csv.reader(text, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    for cells in reader:
        if cells:
            yield reader.line_num, cells


def _typed(path: Path, field: Field, lines: Sequence[int], column: pa.Array) -> pa.Array:
    """The column in the field's type, all values within its limits."""
    if pa.types.is_string(field.type):
        return column
    try:
        numbers = column.cast(field.type)
    except pa.ArrowInvalid as error:
        index = next(i for i, cell in enumerate(column) if not _casts(cell, field.type))
        expected = f"{field.name} to be a number of type {field.type}"
        raise InputError(f"file {path}, line {lines[index]}", expected, repr(column[index].as_py())) from error
    low = float("-inf") if field.minimum is None else field.minimum
    high = float("inf") if field.maximum is None else field.maximum
    values = numbers.cast(pa.float64(), safe=False)
    # NaN is within no limits.
    within = pc.and_(pc.greater_equal(values, low), pc.less_equal(values, high))
    if not pc.all(within).as_py():
        index = within.index(False).as_py()
        expected = f"{field.name} from {low:.12g} to {high:.12g}"
        raise InputError(f"file {path}, line {lines[index]}", expected, column[index].as_py())
    return numbers


def _casts(cell: pa.Scalar, wanted: pa.DataType) -> bool:
    try:
        cell.cast(wanted)
    except pa.ArrowInvalid:
        return False
    return True
