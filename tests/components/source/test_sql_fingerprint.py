"""Digests of databases."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from components.source import open_source
from components.source.sql_fingerprint import portable_digest


def test_fingerprint_changes_with_the_rows_and_not_otherwise(database: str, fill: Any, shop: Any) -> None:
    source = open_source(fill(database, **shop))
    before = source.fingerprint()
    assert source.fingerprint() == before and len(before) == 64
    shop["items"][1] = {**shop["items"][1], "title": "Cafe"}
    assert open_source(fill(database, **shop)).fingerprint() != before


def test_fingerprint_of_a_server_does_not_depend_on_the_order_of_rows(postgres: str, fill: Any, shop: Any) -> None:
    source = open_source(fill(postgres, **shop))
    before = source.fingerprint()
    shop["interactions"].reverse()
    fill(postgres, **shop)
    assert source.fingerprint() == before
    del shop["users"]
    fill(postgres, **shop)
    assert source.fingerprint() != before


def test_portable_fingerprint(tmp_path: Path, fill: Any, shop: Any) -> None:
    def digest() -> str:
        location = fill(f"sqlite:///{tmp_path / 'shop.db'}", **shop)
        return portable_digest(location, open_source(location).facts())

    before = digest()
    shop["items"].reverse()
    assert digest() == before
    shop["items"][0] = {**shop["items"][0], "price": 2.0}
    assert digest() != before


def test_rows_in_the_log_of_sqlite_count(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE items (item_id INTEGER)")
    connection.commit()
    source = open_source(f"sqlite:///{path}")
    before = source.fingerprint()
    connection.execute("INSERT INTO items VALUES (1)")
    connection.commit()
    assert source.facts()["items"].rows == 1
    assert source.fingerprint() != before
    connection.close()
