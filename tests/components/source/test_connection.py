"""Connections: refused in one line, without passwords."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from components.source import open_source
from components.source.connection import connected
from modules.errors import InputError


def test_a_missing_sqlite_file_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected the file of a SQLite database, received no such file"):
        open_source(f"sqlite:///{tmp_path / 'none.db'}")
    assert list(tmp_path.iterdir()) == []


def test_sqlite_is_opened_read_only(tmp_path: Path, fill: Any, shop: Any) -> None:
    location = fill(f"sqlite:///{tmp_path / 'shop.db'}", **shop)
    with pytest.raises(InputError, match="readonly"), connected(location) as connection:
        connection.execute(sa.text("DELETE FROM items"))


@pytest.mark.parametrize("location", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused(location: str) -> None:
    with pytest.raises(InputError, match="the file of a SQLite database"):
        open_source(location)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_text("no database, " * 100)
    with pytest.raises(InputError, match="file is not a database"):
        open_source(f"sqlite:///{tmp_path / 'shop.db'}").facts()


def test_errors_of_a_server_are_one_line_without_the_password() -> None:
    source = open_source("postgresql://anna:s3cret@127.0.0.1:1/shop")
    with pytest.raises(InputError) as raised:
        source.facts()
    message = str(raised.value)
    assert "postgresql://anna:***@127.0.0.1:1/shop" in message and "refused" in message
    assert "s3cret" not in message and "\n" not in message
    assert raised.value.__suppress_context__  # no log shows the driver's own error


def test_a_missing_right_is_told(postgres: str, fill: Any, shop: Any) -> None:
    fill(postgres, **shop)
    engine = sa.create_engine(postgres.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(sa.text("DROP ROLE IF EXISTS guest"))
        connection.execute(sa.text("CREATE ROLE guest LOGIN"))
    url = engine.url.set(username="guest", password="pa55w0rd").render_as_string(hide_password=False)
    with pytest.raises(InputError, match="permission denied for table interactions") as raised:
        open_source(url).facts()
    assert "pa55w0rd" not in str(raised.value)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP ROLE guest"))
    engine.dispose()


def test_sources_and_partitions_hold_no_password(tmp_path: Path) -> None:
    source = open_source("postgresql://anna:s3cret@127.0.0.1:1/shop")
    assert b"s3cret" not in pickle.dumps(source)
    assert source.location == "postgresql://anna:***@127.0.0.1:1/shop"


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("nosuch://host/db", "a SQLAlchemy URL of a known database, or a folder, received nosuch"),
        ("mysql+mysqldb://u:s3cret@host/db", "the Python driver of mysql.mysqldb to be installed"),
        ("postgresql://u:s3cret@host:port/db", "a SQLAlchemy URL such as"),
        ("postgresql://u:s3@cret@host/db", "%40 for an @ in the password"),
    ],
)
def test_urls_that_cannot_be_connected_to(location: str, expected: str) -> None:
    with pytest.raises(InputError, match=expected) as raised:
        open_source(location)
    assert "s3" not in str(raised.value) and "cret" not in str(raised.value)
