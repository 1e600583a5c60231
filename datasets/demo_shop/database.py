"""Arrow tables → the SQLite database of the demo shop."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pyarrow as pa

from modules.errors import InputError

_TABLES = """
CREATE TABLE users (
    user_id TEXT PRIMARY KEY, age INTEGER NOT NULL, gender TEXT NOT NULL, region TEXT NOT NULL,
    joined INTEGER NOT NULL
);
CREATE TABLE items (
    item_id TEXT PRIMARY KEY, title TEXT NOT NULL, description TEXT NOT NULL, categories TEXT NOT NULL,
    brand TEXT NOT NULL, price REAL NOT NULL, released INTEGER NOT NULL, thumbnail BLOB NOT NULL
);
CREATE TABLE interactions (
    user_id TEXT NOT NULL REFERENCES users, item_id TEXT NOT NULL REFERENCES items, rating REAL NOT NULL,
    device TEXT NOT NULL, timestamp INTEGER NOT NULL,
    PRIMARY KEY (user_id, item_id)
);
"""
# Made at the end: filling a table is faster without.
_INDEXES = "CREATE INDEX interactions_by_time ON interactions (timestamp);"
_INSERTS = {
    "users": "INSERT INTO users VALUES (?, ?, ?, ?, ?)",
    "items": "INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    "interactions": "INSERT INTO interactions VALUES (?, ?, ?, ?, ?)",
}


def write_database(path: Path, tables: Mapping[str, Iterable[pa.Table]]) -> None:
    """Creates the database `path` with the rows of `users`, `items` and `interactions`; lists are joined by "|".

    Raises:
        InputError: the file cannot be written.
    """
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            # A broken draft is thrown away whole, so there is nothing to roll back to.
            connection.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_TABLES}")
            connection.execute("BEGIN")
            for name, parts in tables.items():
                for part in parts:
                    connection.executemany(_INSERTS[name], _rows(part))
            connection.execute("COMMIT")
            connection.executescript(f"{_INDEXES} ANALYZE;")
    except sqlite3.OperationalError as error:
        raise InputError(f"database {path}", "a file that can be written", error) from error


def _rows(table: pa.Table) -> Iterator[tuple[object, ...]]:
    columns = []
    for field in table.schema:
        values = table[field.name].to_pylist()
        columns.append(["|".join(cell) for cell in values] if pa.types.is_list(field.type) else values)
    return zip(*columns, strict=True)
