"""Databases: SQLite and a real PostgreSQL server, read in partitions."""

from __future__ import annotations

import datetime
import pickle
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from components.source import open_source
from modules.errors import InputError


def _read(source: Any, table: str, rows: int, columns: list[str]) -> list[list[tuple[Any, ...]]]:
    """Rows of each partition, after the trip to a worker and back."""
    partitions = [pickle.loads(pickle.dumps(partition)) for partition in source.partitions(table, rows, columns)]
    return [
        [tuple(row.values()) for _, chunk in partition.read() for row in chunk.to_pylist()] for partition in partitions
    ]


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def test_facts(database: str, fill: Any, shop: Any) -> None:
    facts = open_source(fill(database, **shop)).facts()
    assert list(facts) == ["interactions", "items", "users"]
    assert [fact.rows for fact in facts.values()] == [3, 2, 2]
    assert list(facts["items"].columns) == ["item_id", "title", "price", "genres"]
    assert facts["items"].columns["item_id"] == "BIGINT"


def test_partitions_are_cut_at_ids_and_count_rows_by_id(database: str, fill: Any) -> None:
    # Sorted ids 1 1 1 2 3 4 4 and steps of 2: cuts before rows 0 (dropped), 2 (id 1, as row 0), 4 (id 3) and 6 (id 4,
    # which starts at row 5).
    rows = [{"user_id": i, "item_id": n} for n, i in enumerate([4, 1, 3, 1, 2, 4, 1])]
    source = open_source(fill(database, interactions=rows))
    parts = _read(source, "interactions", 2, ["user_id", "item_id"])
    assert [sorted(user for user, _ in part) for part in parts] == [[1, 1, 1, 2], [3], [4, 4]]
    partitions: Any = source.partitions("interactions", 2, ["user_id", "item_id"])
    assert [(part.lower, part.upper, part.first_row) for part in partitions] == [(None, 3, 0), (3, 4, 4), (4, None, 5)]
    assert [first for part in partitions for first, _ in part.read()] == [0, 4, 5]


def test_rows_without_an_id_are_a_partition(database: str, fill: Any) -> None:
    rows = [{"user_id": i} for i in [1, None, 2, 3, None, 4]]
    source = open_source(fill(database, interactions=rows))
    assert _read(source, "interactions", 2, ["user_id"]) == [[(1,), (2,)], [(3,), (4,)], [(None,), (None,)]]


_IDS = st.lists(st.text(st.sampled_from("aAbBéÉzZ09-_ .ßñ"), min_size=1, max_size=4), min_size=1, max_size=40)


@given(ids=_IDS, rows=st.integers(1, 10))
@settings(max_examples=20)
def test_partitions_hold_each_row_once_whatever_the_collation(
    tmp_path_factory: pytest.TempPathFactory, postgres: str, ids: list[str], rows: int
) -> None:
    collations = {
        "sqlite": ["BINARY", "NOCASE"],
        "postgresql": ["C.utf8", "pg_unicode_fast"],
    }
    for location in (f"sqlite:///{tmp_path_factory.mktemp('ids') / 'ids.db'}", postgres):
        engine = sa.create_engine(location.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)
        for collation in collations[engine.dialect.name]:
            with engine.begin() as connection:
                connection.execute(sa.text("DROP TABLE IF EXISTS interactions"))
                connection.execute(sa.text(f'CREATE TABLE interactions (user_id TEXT COLLATE "{collation}", n INT)'))
                numbered = [{"i": value, "n": n} for n, value in enumerate(ids)]
                connection.execute(sa.text("INSERT INTO interactions VALUES (:i, :n)"), numbered)
            parts = _read(open_source(location), "interactions", rows, ["user_id", "n"])
            assert Counter(row for part in parts for row in part) == Counter(zip(ids, range(len(ids)), strict=True))
            owners = Counter(user for part in parts for user in {user for user, _ in part})
            assert set(owners.values()) <= {1}  # no id in two partitions
        engine.dispose()


def test_partitions_of_mixed_types_in_sqlite(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "mixed.db") as connection:
        connection.execute("CREATE TABLE items (item_id)")
        connection.executemany("INSERT INTO items VALUES (?)", [(value,) for value in [7, "a", b"x", "7", None, "B"]])
    source = open_source(f"sqlite:///{tmp_path / 'mixed.db'}")
    parts = _read(source, "items", 2, ["item_id"])
    assert Counter(_text(value) for part in parts for (value,) in part) == Counter(["7", "a", "x", "7", "None", "B"])


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("uuid", ["00000000-0000-0000-0000-00000000000a", "a0000000-0000-0000-0000-000000000000"]),
        ("numeric(20)", ["7", "12345678901234567890"]),
        ("mood", ["sad", "happy"]),
        ("char(3)", ["a", "b"]),
    ],
)
def test_partitions_by_ids_of_types_of_postgresql(postgres: str, kind: str, values: list[str]) -> None:
    engine = sa.create_engine(postgres.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS items"))
        connection.execute(sa.text("DROP TYPE IF EXISTS mood"))
        connection.execute(sa.text("CREATE TYPE mood AS ENUM ('sad', 'happy')"))
        connection.execute(sa.text(f"CREATE TABLE items (item_id {kind})"))
        for value in values:
            connection.execute(sa.text(f"INSERT INTO items VALUES (CAST(:value AS {kind}))"), {"value": value})
    engine.dispose()
    parts = _read(open_source(postgres), "items", 1, ["item_id"])
    assert [[str(value).strip() for (value,) in part] for part in parts] == [[value] for value in values]


def test_types_of_postgresql_arrive_as_arrow_types(postgres: str) -> None:
    engine = sa.create_engine(postgres.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS items"))
        connection.execute(
            sa.text(
                "CREATE TABLE items AS SELECT 1 AS item_id, ARRAY['a', 'b'] AS tags, 2.50::numeric AS price, "
                "'\\x00ff'::bytea AS image, TIMESTAMPTZ '2024-01-01 01:00:00+01' AS seen, DATE '2024-01-02' AS day"
            )
        )
    engine.dispose()
    (partition,) = open_source(postgres).partitions("items", 10, ["item_id", "tags", "price", "image", "seen", "day"])
    ((_, chunk),) = partition.read()
    row = chunk.to_pylist()[0]
    assert row["tags"] == ["a", "b"] and float(row["price"]) == 2.5 and row["image"] == b"\x00\xff"
    assert row["seen"] == datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
    assert row["day"] == datetime.date(2024, 1, 2)


def test_long_tables_are_streamed_in_chunks(database: str, fill: Any) -> None:
    source = open_source(fill(database, items=[{"item_id": n} for n in range(1_200)]))
    chunks = [
        (first, chunk.num_rows)
        for part in source.partitions("items", 9_999, ["item_id"])
        for first, chunk in part.read()
    ]
    assert chunks == [(0, 500), (500, 700)]


def test_text_that_is_not_utf8_is_found_in_sqlite(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "latin.db") as connection:
        connection.execute("CREATE TABLE items (item_id INTEGER, title TEXT)")
        connection.executemany("INSERT INTO items VALUES (?, CAST(? AS TEXT))", [(7, b"Tea"), (8, b"Caf\xe9")])
    (partition,) = open_source(f"sqlite:///{tmp_path / 'latin.db'}").partitions("items", 9, ["item_id", "title"])
    with pytest.raises(
        InputError, match=r"table items, row 2 \(item_id 8\), column title: .* UTF-8 .*Caf\\xe9.*byte 3"
    ):
        list(partition.read())
