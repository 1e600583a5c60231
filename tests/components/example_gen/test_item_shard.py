"""Sharding, unique ids and the join with the catalogue."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.example_gen.item_shard import join_items, parts_by_shard, shard_of, unique_rows
from modules.roles import parse_roles

_ROLES = parse_roles("""
feature { name: "user" type: INT annotation { tag: "user_id" } }
feature { name: "item" type: INT annotation { tag: "item_id" } }
feature { name: "price" type: FLOAT annotation { tag: "item" tag: "continuous" } }
feature { name: "cover" type: BYTES annotation { tag: "item" tag: "image" } }
""")
_ITEMS = pa.table({"item": ["a", "b", "c"], "price": [1.0, None, 3.0], "cover": [b"1", b"2", b"3"]})


def _interactions(*items: str) -> pa.Table:
    return pa.table({"user": pa.array([f"u{n}" for n in range(len(items))]), "item": pa.array(items, pa.string())})


def test_join_takes_the_columns_of_items_but_not_their_images() -> None:
    joined, facts = join_items(_interactions("c", "a", "b", "a"), _ITEMS, _ROLES)
    assert joined.to_pydict() == {
        "user": ["u0", "u1", "u2", "u3"],
        "item": ["c", "a", "b", "a"],
        "price": [3.0, 1.0, None, 1.0],
    }
    assert facts == {"unknown_item_interactions": 0}


def test_unknown_items_are_dropped_and_counted() -> None:
    joined, facts = join_items(_interactions("x", "a", "y", "x", "z", "w"), _ITEMS, _ROLES)
    assert joined["user"].to_pylist() == ["u1"]
    assert facts == {"unknown_item_interactions": 5, "unknown_item_examples": ["w", "x", "y"]}


def test_nothing_to_join() -> None:
    joined, facts = join_items(_interactions(), _ITEMS, _ROLES)
    assert joined.num_rows == 0 and joined.column_names == ["user", "item", "price"]
    assert facts == {"unknown_item_interactions": 0}
    joined, facts = join_items(_interactions("a"), _ITEMS.slice(0, 0), _ROLES)
    assert joined.num_rows == 0 and facts["unknown_item_interactions"] == 1


def test_unique_rows_are_sorted() -> None:
    found, facts = unique_rows(pa.table({"item": ["b", "c", "a"], "n": [1, 2, 3]}), "items", "item")
    assert found.to_pydict() == {"item": ["a", "b", "c"], "n": [3, 1, 2]} and facts == {}
    found, facts = unique_rows(_ITEMS.slice(0, 0), "items", "item")
    assert found.num_rows == 0 and facts == {}


@pytest.mark.parametrize("table", ["items", "users"])
def test_repeated_ids_are_a_problem(table: str) -> None:
    rows = pa.table({"id": ["b", "c", "a", "c", "b", "c"], "n": range(6)})
    found, facts = unique_rows(rows, table, "id")
    assert found["id"].to_pylist() == ["a", "b", "c"]
    assert facts == {"problems": [[f"table {table}, column id", "each id once", '"b" in 2 rows']]}


@given(st.lists(st.text(max_size=3), max_size=30), st.integers(1, 5))
def test_parts_hold_each_row_once_and_each_id_in_one(ids: list[str], shards: int) -> None:
    table = pa.table({"id": pa.array(ids, pa.string()), "row": range(len(ids))})
    parts = parts_by_shard(table, "id", shards)
    assert sorted(row for _, part in parts for row in part["row"].to_pylist()) == list(range(len(ids)))
    homes = {(text, shard) for shard, part in parts for text in part["id"].to_pylist()}
    assert len(homes) == len({*ids}) and all(0 <= shard < shards for _, shard in homes)
    assert shard_of(table["id"], shards).tolist() == [dict(homes)[text] for text in ids]
