"""Tables in CSV files: a header, commas, UTF-8, quotes doubled inside of quotes, line breaks inside of quotes.

Every cell is read as text, so that "007" stays what it is; the schema says what else a column is. A cell with nothing
in it is null, a quoted one (`""`) is empty text.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv

from components.source.source import CHUNK_ROWS, TableFacts
from modules.errors import InputError

_BLOCK = 32_000_000  # bytes parsed at once; no row may be longer


@dataclasses.dataclass(frozen=True)
class CsvPartition:
    """A whole file: where a row begins is known only by reading what comes before. It is streamed, never held whole.

    Attributes:
        table: name of the table.
        path: the file.
        columns: what to read.
    """

    table: str
    path: str
    columns: tuple[str, ...]

    def read(self) -> Iterator[tuple[int, pa.Table]]:
        """Streams the rows as (row, chunk), see `Partition`."""
        first_row = 0
        path = Path(self.path)
        for batch in _batches(path, self.columns):
            for start in range(0, batch.num_rows, CHUNK_ROWS):
                piece = batch.slice(start, CHUNK_ROWS)
                arrays = [_text(piece.column(i), path, name, first_row) for i, name in enumerate(self.columns)]
                yield first_row, pa.table(arrays, names=list(self.columns))
                first_row += piece.num_rows


def facts(table: str, path: Path) -> TableFacts:
    """Facts on a CSV file; reads it once to count rows."""
    names = _header(path)
    rows = sum(batch.num_rows for batch in _batches(path, names[:1]))
    return TableFacts(table, dict.fromkeys(names, "text"), rows)


def _header(path: Path) -> list[str]:
    with _complaining(path):
        # Only the names count: what Arrow makes of the first rows does not.
        everything = pacsv.ConvertOptions(null_values=[""], check_utf8=False)
        with path.open("rb") as stream:
            reader = pacsv.open_csv(stream, _read_options(), _parse_options(), everything)
            names: list[str] = reader.schema.names
    if len(set(names)) < len(names):
        raise InputError(f"file {path}, header", "each column once", ", ".join(names))
    return names


def _batches(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Batches of the given columns, as bytes: whether they are UTF-8 is for those to say who know the row."""
    convert = pacsv.ConvertOptions(
        column_types=dict.fromkeys(columns, pa.binary()),
        include_columns=list(columns),
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    with _complaining(path), path.open("rb") as stream:
        yield from pacsv.open_csv(stream, _read_options(), _parse_options(), convert)


def _read_options() -> pacsv.ReadOptions:
    return pacsv.ReadOptions(block_size=_BLOCK, use_threads=False)


def _parse_options() -> pacsv.ParseOptions:
    return pacsv.ParseOptions(newlines_in_values=True)


@contextlib.contextmanager
def _complaining(path: Path) -> Iterator[None]:
    """Turns what Arrow says about a file into an InputError that names it."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise InputError(f"file {path}, header", "UTF-8 text", f"{error.object!r}, byte {error.start}") from error
    except (pa.ArrowException, KeyError, OSError) as error:
        expected = "CSV with a header and as many cells in every row as it has"
        raise InputError(f"file {path}", expected, error) from error


def _text(array: pa.Array, path: Path, column: str, first_row: int) -> pa.Array:
    try:
        return array.cast(pa.string())
    except pa.ArrowInvalid:
        for index, value in enumerate(array.to_pylist()):
            try:
                (value or b"").decode("utf-8")
            except UnicodeDecodeError as error:
                where = f"file {path}, row {first_row + index + 1}, column {column}"
                piece = value[max(0, error.start - 20) : error.end + 20]
                raise InputError(where, "UTF-8 text", f"{piece!r}, byte {error.start}") from None
        raise
