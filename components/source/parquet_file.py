"""Tables in Parquet files."""

from __future__ import annotations

import contextlib
import dataclasses
import math
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from components.source.source import CHUNK_BYTES, CHUNK_ROWS, TableFacts
from modules.errors import InputError

# Reading from the middle of a row group means decoding all before it, so a group is cut in so many pieces at most.
_PIECES = 16
_READ_AHEAD = 4_000_000  # bytes of a column that are in memory at once, instead of all in the row group


@dataclasses.dataclass(frozen=True)
class ParquetPartition:
    """Rows `skip` to `skip + rows` of some neighbouring row groups.

    Attributes:
        table: name of the table.
        path: the file.
        columns: what to read.
        groups: numbers of the row groups.
        first_row: number in the file, from 0, of the first row read.
        skip: rows of the groups to pass over.
        rows: how many to read.
    """

    table: str
    path: str
    columns: tuple[str, ...]
    groups: tuple[int, ...]
    first_row: int
    skip: int
    rows: int

    def read(self) -> Iterator[tuple[int, pa.Table]]:
        """Streams the rows as (row, chunk), see `Partition`."""
        with opened(Path(self.path)) as file:
            start, end, seen = self.skip, self.skip + self.rows, 0
            batches = file.iter_batches(_batch_rows(file, self.groups), self.groups, list(self.columns))
            for batch in batches:
                first, last = max(start - seen, 0), min(end - seen, batch.num_rows)
                if first < last:
                    yield self.first_row + seen + first - start, pa.Table.from_batches([batch[first:last]])
                seen += batch.num_rows
                if seen >= end:
                    break


def facts(table: str, path: Path) -> TableFacts:
    """Facts on a Parquet file."""
    with opened(path) as file:
        schema = file.schema_arrow
        if len(set(schema.names)) < len(schema.names):
            raise InputError(f"file {path}", "each column once", ", ".join(schema.names))
        return TableFacts(table, {field.name: str(field.type) for field in schema}, file.metadata.num_rows)


def partitions(table: str, path: Path, rows: int, columns: tuple[str, ...]) -> Iterator[ParquetPartition]:
    """Cuts a file into pieces of about `rows` rows: small row groups together, large ones in parts."""
    with opened(path) as file:
        sizes = [file.metadata.row_group(i).num_rows for i in range(file.metadata.num_row_groups)]
    group, first_row = 0, 0
    while group < len(sizes):
        end, total = group + 1, sizes[group]
        while end < len(sizes) and total + sizes[end] <= rows:
            total, end = total + sizes[end], end + 1
        pieces = min(_PIECES, math.ceil(total / rows))
        step = math.ceil(total / max(pieces, 1))
        for skip in range(0, total, max(step, 1)):
            count = min(step, total - skip)
            groups = tuple(range(group, end))
            yield ParquetPartition(table, str(path), columns, groups, first_row + skip, skip, count)
        group, first_row = end, first_row + total


@contextlib.contextmanager
def opened(path: Path) -> Iterator[pq.ParquetFile]:
    """An open Parquet file.

    Raises:
        InputError: it is cut off, damaged or no Parquet file, as found now or while it is in use.
    """
    try:
        with path.open("rb") as stream:
            yield pq.ParquetFile(stream, buffer_size=_READ_AHEAD)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"file {path}", "a whole Parquet file", error) from error


def _batch_rows(file: pq.ParquetFile, groups: tuple[int, ...]) -> int:
    """Rows to decode at once: as many as weigh `CHUNK_BYTES`."""
    found = [file.metadata.row_group(group) for group in groups]
    weight = sum(group.total_byte_size for group in found) / max(1, sum(group.num_rows for group in found))
    return max(1, min(CHUNK_ROWS, int(CHUNK_BYTES / max(weight, 1))))
