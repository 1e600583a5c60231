"""Where the tables of a shop may be: a database, or a folder of files."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from tests.e2e.shop import Row, Shop

_TYPES: dict[type, sa.types.TypeEngine[Any]] = {
    int: sa.BigInteger(),
    float: sa.Float(),
    str: sa.Text(),
    bytes: sa.LargeBinary(),
}


def into_database(shop: Shop, location: str) -> str:
    """Fills a database by its URL, replacing what is there; returns the URL."""
    engine = sa.create_engine(location.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        for name, rows in shop.tables().items():
            columns: list[sa.Column[Any]] = [sa.Column(key, _TYPES[_type_of(rows, key)]) for key in rows[0]]
            table = sa.Table(name, sa.MetaData(), *columns)
            table.drop(connection, checkfirst=True)
            table.create(connection)
            connection.execute(table.insert(), list(rows))
    engine.dispose()
    return location


def as_sqlite(shop: Shop, folder: Path) -> str:
    """Writes a SQLite database; returns its URL."""
    return into_database(shop, f"sqlite:///{folder / 'shop.db'}")


def as_parquet(shop: Shop, folder: Path) -> str:
    """Writes Parquet files and the files beside them; returns the folder."""
    for name, rows in shop.tables().items():
        pq.write_table(pa.Table.from_pylist(list(rows)), folder / f"{name}.parquet")
    for name, content in shop.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return str(folder)


def as_csv(shop: Shop, folder: Path) -> str:
    """Writes CSV files; returns the folder."""
    for name, rows in shop.tables().items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return str(folder)


def _type_of(rows: Sequence[Row], key: str) -> type:
    return next(type(row[key]) for row in rows if row[key] is not None)
