"""A range of ids of a database table, read by whoever needs it through a connection of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

import pyarrow as pa
import sqlalchemy as sa

from components.source.connection import connected
from components.source.source import CHUNK_BYTES, CHUNK_ROWS
from modules.errors import InputError

_FIRST_CHUNK_ROWS = 500  # until the weight of a row is known
_UNDECODABLE = "Could not decode to UTF-8"  # how sqlite3 says it


@dataclasses.dataclass(frozen=True)
class SqlPartition:
    """The rows whose id is in [lower, upper), in the order of the database's own comparison.

    Attributes:
        location: redacted location of the database.
        table: name of the table.
        columns: what to read; the ids are in the first one.
        lower, upper: limits of the ids; None: no limit.
        nulls: only the rows without an id.
        first_row: rows with a smaller id.
        limit: most rows to read, or None.
    """

    location: str
    table: str
    columns: tuple[str, ...]
    lower: Any = None
    upper: Any = None
    nulls: bool = False
    first_row: int = 0
    limit: int | None = None

    def read(self) -> Iterator[tuple[int, pa.Table]]:
        """Streams the rows as (row, chunk), see `Partition`."""
        columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in self.columns]
        with connected(self.location, f"table {self.table}") as connection:
            streaming = connection.execution_options(stream_results=True)
            try:
                result = streaming.execute(self._select(columns))
                first_row, wanted = self.first_row, _FIRST_CHUNK_ROWS
                while rows := result.fetchmany(wanted):
                    chunk = _chunk(rows, self.columns)
                    yield first_row, chunk
                    first_row += chunk.num_rows
                    fitting = CHUNK_BYTES * chunk.num_rows // max(chunk.nbytes, 1)
                    wanted = max(1, min(fitting, 8 * wanted, CHUNK_ROWS))
            except sa.exc.OperationalError as error:
                if _UNDECODABLE not in str(error.orig):
                    raise
                self._name_undecodable(connection)

    def _select(self, columns: Sequence[sa.ColumnElement[Any]]) -> sa.Select[Any]:
        # Without types SQLAlchemy hands over what the driver gives, for instance a SQLite date that is no date, and
        # compares ids as the database does, also where it has no name for their type.
        key: sa.ColumnClause[Any] = sa.column(self.columns[0])
        query = sa.select(*columns).select_from(sa.table(self.table)).limit(self.limit)
        if self.nulls:
            query = query.where(key.is_(None))
        if self.lower is not None:
            query = query.where(key >= sa.bindparam("lower", self.lower, sa.types.NullType()))
        if self.upper is not None:
            query = query.where(key < sa.bindparam("upper", self.upper, sa.types.NullType()))
        return query

    def _name_undecodable(self, connection: sa.Connection) -> NoReturn:
        """Reads again as bytes (SQLite only: other servers check their text) to say where the bad text is."""
        raw = [sa.cast(sa.column(name), sa.LargeBinary) for name in self.columns]
        kinds = [sa.func.typeof(sa.column(name)) for name in self.columns]
        for index, row in enumerate(connection.execute(self._select([*raw, *kinds]))):
            for name, value, kind in zip(self.columns, row, row[len(raw) :], strict=False):
                try:
                    (value if kind == "text" else b"").decode("utf-8")
                except UnicodeDecodeError as error:
                    where = f"table {self.table}, row {self.first_row + index + 1}"
                    if name != self.columns[0] and row[0] is not None:
                        where += f" ({self.columns[0]} {row[0].decode('utf-8', 'replace')})"
                    piece = value[max(0, error.start - 20) : error.end + 20]
                    received = f"{piece!r}, byte {error.start}"
                    raise InputError(f"{where}, column {name}", "UTF-8 text", received) from None
        raise InputError(f"source {self.location}, table {self.table}", "UTF-8 text", "something else")


def _chunk(rows: Sequence[sa.Row[Any]], names: Sequence[str]) -> pa.Table:
    return pa.table([_array(values) for values in zip(*rows, strict=True)], names=list(names))


def _array(values: Sequence[object]) -> pa.Array:
    """Values of a column as the driver gave them; where they don't share a type, their text."""
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        # Mixed types (SQLite allows them in any column), UUIDs, integers beyond 64 bits, NaN among decimals.
        if any(isinstance(value, bytes) for value in values):
            return pa.array(
                [value if value is None or isinstance(value, bytes) else str(value).encode() for value in values]
            )
        return pa.array([None if value is None else str(value) for value in values])
