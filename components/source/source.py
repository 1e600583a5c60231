"""What every source of tables can do, be it a database or a folder of files."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Protocol

import pyarrow as pa

INTERACTIONS, ITEMS, USERS = "interactions", "items", "users"
TABLES = (INTERACTIONS, ITEMS, USERS)
CHUNK_ROWS = 50_000
CHUNK_BYTES = 16_000_000  # what a chunk should weigh at most, as far as one can tell before reading it


@dataclasses.dataclass(frozen=True)
class TableFacts:
    """A table as the source describes it.

    Attributes:
        name: one of `TABLES`.
        columns: type, in the source's words, of every column.
        rows: how many there are.
    """

    name: str
    columns: dict[str, str]
    rows: int


class Partition(Protocol):
    """A piece of a table, small enough to be sent to a worker, which reads it through its own connection.

    It can be pickled and holds no password.
    """

    @property
    def table(self) -> str:
        """Name of the table."""

    def read(self) -> Iterator[tuple[int, pa.Table]]:
        """Streams the rows as (row, chunk): the number in the table, from 0, of the chunk's first row, and raw rows.

        A database has no order of rows, so there the number counts by id and is only near the truth.

        Raises:
            InputError: the data cannot be read.
        """


class Source(Protocol):
    """A place with tables `interactions`, `items` and, perhaps, `users`."""

    @property
    def location(self) -> str:
        """Where it is, without passwords."""

    @property
    def folder(self) -> str | None:
        """The folder that image paths in cells start from, if the source has one."""

    def facts(self) -> dict[str, TableFacts]:
        """Facts on those of the three tables that exist."""

    def head(self, table: str, columns: Sequence[str], rows: int) -> pa.Table:
        """Up to `rows` raw rows of a table, quickly."""

    def has_two(self, table: str, column: str) -> bool:
        """Whether a column holds two different values at least."""

    def partitions(self, table: str, rows: int, columns: Sequence[str]) -> list[Partition]:
        """Cuts the table into pieces of about `rows` rows; together they hold every row once.

        Args:
            table: one of `TABLES`, and there.
            rows: wanted rows per piece; equal ids are not split, so a piece may be larger.
            columns: what to read; the first one must be the id column that a database is cut by.
        """

    def fingerprint(self) -> str:
        """Hex digest that changes when a row of one of the tables does."""
