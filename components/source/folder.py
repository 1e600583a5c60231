"""A folder of Parquet and CSV files, each named after its table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from components.source import csv_file, parquet_file
from components.source.source import CHUNK_ROWS, TABLES, Partition, TableFacts
from components.source.sql_fingerprint import file_digest
from modules.errors import InputError

_FORMATS = (".parquet", ".csv")


class FolderSource:
    """Files `interactions`, `items` and `users` (`.parquet` or `.csv`) of a folder; other files are not read.

    Args:
        location: the folder.

    Raises:
        InputError: there is no such folder, or a table is there in both formats.
    """

    def __init__(self, location: str) -> None:
        self.location = location
        if not Path(location).is_dir():
            received = "a file" if Path(location).exists() else "no such folder"
            raise InputError(f"source {location}", "a folder or a SQLAlchemy URL", received)
        self._files: dict[str, Path] = {}
        for table in TABLES:
            files = [Path(location) / f"{table}{suffix}" for suffix in _FORMATS]
            there = [file for file in files if file.is_file()]
            if len(there) > 1:
                names = " and ".join(file.name for file in there)
                raise InputError(f"source {location}", f'one file of table "{table}"', names)
            if there:
                self._files[table] = there[0]

    @property
    def folder(self) -> str | None:
        """The folder itself."""
        return self.location

    def facts(self) -> dict[str, TableFacts]:
        """Facts on those of the three tables that exist."""
        return {
            table: (parquet_file if file.suffix == ".parquet" else csv_file).facts(table, file)
            for table, file in self._files.items()
        }

    def head(self, table: str, columns: Sequence[str], rows: int) -> pa.Table:
        """Up to `rows` raw rows of a table."""
        chunks = (chunk for _, chunk in self.partitions(table, CHUNK_ROWS, columns)[0].read())
        return next(chunks, pa.table({name: pa.nulls(0) for name in columns})).slice(0, rows)

    def has_two(self, table: str, column: str) -> bool:
        """Whether a column holds two different values at least; reads on until it does."""
        seen: set[object] = set()
        for partition in self.partitions(table, CHUNK_ROWS, [column]):
            for _, chunk in partition.read():
                seen.update(pc.unique(chunk.column(0)).to_pylist()[:3])
                if len(seen - {None}) > 1:
                    return True
        return False

    def partitions(self, table: str, rows: int, columns: Sequence[str]) -> list[Partition]:
        """Row groups of a Parquet file, or pieces of them; a CSV file as a whole, which is streamed."""
        file = self._files[table]
        if file.suffix == ".parquet":
            return list(parquet_file.partitions(table, file, rows, tuple(columns)))
        return [csv_file.CsvPartition(table, str(file), tuple(columns))]

    def fingerprint(self) -> str:
        """Hex digest of the files' contents."""
        return file_digest(*self._files.values())
