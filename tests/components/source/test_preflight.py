"""The quick look finds what would stop the run."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.source import DataConfig, check_source, open_source
from modules.errors import InputError
from modules.roles import Roles, parse_roles

Shop = dict[str, list[dict[str, Any]]]


def test_what_it_found(database: str, fill: Any, shop: Shop, roles: Roles) -> None:
    found = check_source(open_source(fill(database, **shop)), roles, DataConfig())
    assert found.rows == {"interactions": 3, "items": 2, "users": 2}
    assert found.columns == {
        "interactions": ("user_id", "item_id", "time", "rating", "device", "note"),
        "items": ("item_id", "title", "price", "genres"),
        "users": ("user_id", "age"),
    }
    assert ":***@" in found.location or "@" not in found.location


def test_files(tmp_path: Path, shop: Shop, roles: Roles) -> None:
    for table in ("interactions", "items"):
        pq.write_table(pa.Table.from_pylist(shop[table]), tmp_path / f"{table}.parquet")
    (tmp_path / "users.csv").write_text("user_id,age\n1,30\n2,\n")
    found = check_source(open_source(str(tmp_path)), roles, DataConfig())
    assert found.rows == {"interactions": 3, "items": 2, "users": 2}


def test_ids_alone_are_enough(tmp_path: Path) -> None:
    (tmp_path / "interactions.csv").write_text("user_id,item_id\na,x\nb,y\n")
    (tmp_path / "items.csv").write_text("item_id\nx\ny\n")
    roles = parse_roles(
        'feature { name: "user_id" type: BYTES annotation { tag: "user_id" } }'
        'feature { name: "item_id" type: BYTES annotation { tag: "item_id" } }'
    )
    found = check_source(open_source(str(tmp_path)), roles, DataConfig())
    assert found.columns == {"interactions": ("user_id", "item_id"), "items": ("item_id",)}


def _without(table: str, column: str) -> Callable[[Shop], None]:
    def change(shop: Shop) -> None:
        shop[table] = [{key: value for key, value in row.items() if key != column} for row in shop[table]]

    return change


def _with(table: str, **cells: Any) -> Callable[[Shop], None]:
    def change(shop: Shop) -> None:
        shop[table] = [{**row, **cells} for row in shop[table]]

    return change


def _drop(table: str) -> Callable[[Shop], None]:
    def change(shop: Shop) -> None:
        del shop[table]

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_drop("interactions"), r'a table "interactions", received items, users'),
        (_drop("items"), r'a table "items", received interactions, users'),
        (_drop("users"), r'a table "users" with the user features of the schema \(age\)'),
        (
            _without("interactions", "rating"),
            r'table interactions: expected a column "rating" \(target\), received col',
        ),
        (_without("interactions", "device"), r'table interactions: expected a column "device"'),
        (_without("items", "title"), r'table items: expected a column "title"'),
        (_without("items", "item_id"), r'table items: expected a column "item_id" \(item_id\)'),
        (_without("users", "user_id"), r'table users: expected a column "user_id" \(user_id\)'),
        (_without("interactions", "note"), r'"note", which has no tags, in one of the tables, received it in none'),
        (_with("users", note="n"), r"received it in interactions and users"),
        (
            _with("items", price="cheap"),
            r"table items, row 1 \(item_id 10\), column price: expected a number, .*'cheap'",
        ),
        (_with("interactions", user_id=1), r"column user_id: expected two users at least, received a single user"),
        (_with("items", item_id=10), r"column item_id: expected two items at least, received a single item"),
    ],
)
def test_refusals(
    database: str, fill: Any, shop: Shop, roles: Roles, change: Callable[[Shop], None], message: str
) -> None:
    change(shop)
    with pytest.raises(InputError, match=message):
        check_source(open_source(fill(database, **shop)), roles, DataConfig())


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("interactions", "table interactions: expected rows, received an empty table"),
        ("items", "table items: expected rows, received no items"),
        ("users", "table users: expected rows, received an empty table"),
    ],
)
def test_empty_tables(tmp_path: Path, shop: Shop, roles: Roles, table: str, message: str) -> None:
    for name, rows in shop.items():
        content = pa.Table.from_pylist(rows)
        pq.write_table(content.slice(0, 0 if name == table else None), tmp_path / f"{name}.parquet")
    with pytest.raises(InputError, match=message):
        check_source(open_source(str(tmp_path)), roles, DataConfig())


def test_a_million_rows_take_seconds(tmp_path: Path) -> None:
    ids = np.arange(1_000_000)
    pq.write_table(pa.table({"user_id": ids // 20, "item_id": ids % 1000}), tmp_path / "interactions.parquet")
    pq.write_table(pa.table({"item_id": np.arange(1000)}), tmp_path / "items.parquet")
    roles = parse_roles(
        'feature { name: "user_id" type: INT annotation { tag: "user_id" } }'
        'feature { name: "item_id" type: INT annotation { tag: "item_id" } }'
    )
    start = time.monotonic()
    check_source(open_source(str(tmp_path)), roles, DataConfig())
    assert time.monotonic() - start < 5
