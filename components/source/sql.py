"""Tables of a database that SQLAlchemy speaks to."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from components.source.connection import check_driver, connected, driver_url, sqlite_file
from components.source.credentials import remember, resolve
from components.source.source import TABLES, Partition, TableFacts
from components.source.sql_fingerprint import file_digest, portable_digest, postgresql_digest
from components.source.sql_partition import SqlPartition


class SqlSource:
    """The tables (or views) `interactions`, `items` and `users` of a database; nothing else in it is read.

    An index on the id columns (`user_id` of interactions and users, `item_id` of items) makes partitions of large
    tables cheap: without one, each partition scans its table.

    Args:
        location: a SQLAlchemy URL; its password is remembered in this process and kept nowhere else.

    Raises:
        InputError: a bad URL, an unknown database, a driver that is not installed, or no such SQLite file.
    """

    def __init__(self, location: str) -> None:
        self.location = remember(resolve(location))
        check_driver(self.location)

    @property
    def folder(self) -> str | None:
        """The folder of a SQLite file; a server has none."""
        url = driver_url(self.location)
        return str(sqlite_file(url).parent) if url.get_backend_name() == "sqlite" else None

    def facts(self) -> dict[str, TableFacts]:
        """Facts on those of the three tables that exist."""
        found = {}
        with connected(self.location) as connection, warnings.catch_warnings():
            warnings.simplefilter("ignore", sa.exc.SAWarning)  # about types that SQLAlchemy has no name for
            inspector = sa.inspect(connection)
            for table in TABLES:
                if inspector.has_table(table):
                    columns = {column["name"]: str(column["type"]) for column in inspector.get_columns(table)}
                    count = sa.select(sa.func.count()).select_from(sa.table(table))
                    found[table] = TableFacts(table, columns, connection.execute(count).scalar_one())
        return found

    def head(self, table: str, columns: Sequence[str], rows: int) -> pa.Table:
        """Up to `rows` raw rows of a table."""
        chunks = [chunk for _, chunk in SqlPartition(self.location, table, tuple(columns), limit=rows).read()]
        # Chunks of a column may differ in type, where one of them is all null for instance.
        return pa.concat_tables(chunks[:1])

    def has_two(self, table: str, column: str) -> bool:
        """Whether a column holds two different values at least."""
        values: sa.ColumnClause[Any] = sa.column(column)
        query = sa.select(values).distinct().select_from(sa.table(table)).where(values.is_not(None)).limit(2)
        with connected(self.location, f"table {table}") as connection:
            return len(connection.execute(query).all()) == 2

    def partitions(self, table: str, rows: int, columns: Sequence[str]) -> list[Partition]:
        """Ranges of the first column that hold about `rows` rows each, and one of the rows without an id, if any."""
        names = tuple(columns)
        with connected(self.location, f"table {table}") as connection:
            key: sa.ColumnClause[Any] = sa.column(names[0])
            count = sa.select(sa.func.count(), sa.func.count(key)).select_from(sa.table(table))
            total, with_id = connection.execute(count).one()
            tiles = math.ceil(with_id / rows)
            starts = _starts(connection, table, names[0], math.ceil(with_id / tiles)) if tiles > 1 else []
        if not starts:
            return [SqlPartition(self.location, table, names)]
        # Both ends are open, so that rows which arrive in the meantime are in some partition.
        limits = [(None, 0), *starts, (None, 0)]
        found: list[Partition] = [
            SqlPartition(self.location, table, names, lower, upper, first_row=first_row)
            for (lower, first_row), (upper, _) in itertools.pairwise(limits)
        ]
        if with_id < total:
            found.append(SqlPartition(self.location, table, names, nulls=True, first_row=with_id))
        return found

    def fingerprint(self) -> str:
        """Hex digest of the SQLite file, of aggregates that PostgreSQL computes, or, elsewhere, of the rows read."""
        url = driver_url(self.location)
        if url.get_backend_name() == "sqlite":
            return file_digest(sqlite_file(url))
        digest = postgresql_digest if url.get_backend_name() == "postgresql" else portable_digest
        return digest(self.location, self.facts())


def _starts(connection: sa.Connection, table: str, key: str, step: int) -> list[tuple[Any, int]]:
    """The id of every `step`-th row in the order of ids, and how many rows have a smaller one; the first left out."""
    column: sa.ColumnClause[Any] = sa.column(key)
    numbered = (
        sa.select(
            column.label("start"),
            (sa.func.row_number().over(order_by=column) - 1).label("number"),
            (sa.func.rank().over(order_by=column) - 1).label("before"),
        )
        .select_from(sa.table(table))
        .where(column.is_not(None))
        .subquery()
    )
    number = numbered.c.number
    query = (
        sa.select(numbered.c.start, numbered.c.before).where(number % step == 0, numbered.c.before > 0).order_by(number)
    )
    starts: dict[int, Any] = {}
    for start, before in connection.execute(query):
        starts.setdefault(before, start)  # an id with more rows than `step` is found several times
    return [(start, before) for before, start in starts.items()]
