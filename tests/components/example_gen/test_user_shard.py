"""Examples, queries and states of some users, all by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.example_gen.settings import ExampleSettings
from components.example_gen.splits import SplitKind, SplitPlan
from components.example_gen.user_shard import Sampling, UserShard
from components.source import DataConfig, canonical_type
from modules.roles import Roles, parse_roles

_IDS = """
feature { name: "user" type: BYTES annotation { tag: "user_id" } }
feature { name: "item" type: BYTES annotation { tag: "item_id" } }
"""
_TIME = 'feature { name: "at" type: INT annotation { tag: "time" } }'
_SPLIT = 'feature { name: "fold" type: BYTES annotation { tag: "split" } }'
_TARGET = 'feature { name: "stars" type: FLOAT annotation { tag: "target" } }'
_EVENT = 'feature { name: "kind" type: BYTES annotation { tag: "event" } }'
_AGE = 'feature { name: "age" type: INT annotation { tag: "user" tag: "continuous" } }'
_DEVICE = 'feature { name: "device" type: BYTES annotation { tag: "context" tag: "categorical" } }'
_BY_TIME = SplitPlan(SplitKind.TIME, eval_from=100, test_from=200)
_BY_COLUMN = SplitPlan(SplitKind.COLUMN)
_AT_RANDOM = SplitPlan(SplitKind.RANDOM)
Row = Mapping[str, Any]


def _table(rows: Sequence[Row], schema: str, names: str) -> pa.Table:
    """Normalised rows with these columns."""
    roles = parse_roles(_IDS + schema)
    types = {name: canonical_type(roles.column(name)) for name in names.split()}
    return pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in types.items()})


def _rows(names: str, *rows: Sequence[Any]) -> list[Row]:
    return [dict(zip(names.split(), row, strict=True)) for row in rows]


def _shard(
    names: str,
    rows: Sequence[Sequence[Any]],
    schema: str,
    plan: SplitPlan,
    users: Sequence[Row] | None = None,
    sampling: Sampling | None = None,
    **settings: Any,
) -> UserShard:
    interactions = _table(_rows(names, *rows), schema, names)
    of_users = None if users is None else _table(users, schema, "user age")
    roles: Roles = parse_roles(_IDS + schema)
    return UserShard(interactions, of_users, roles, ExampleSettings(**settings), plan, sampling or Sampling())


def _plain(columns: Mapping[str, pa.Array], *without: str) -> list[dict[str, Any]]:
    """Rows with text for bytes, and single values out of their lists where the column has no others."""
    rows = [
        dict(zip(columns, cells, strict=True)) for cells in zip(*(c.to_pylist() for c in columns.values()), strict=True)
    ]
    return [{name: _text(cell) for name, cell in row.items() if name not in without} for row in rows]


def _text(cell: list[Any] | None) -> list[Any] | None:
    return cell and [value.decode() if isinstance(value, bytes) else value for value in cell]


def _queries(shard: UserShard, split: str, *without: str) -> list[dict[str, Any]]:
    return _plain(dict(shard.queries())[split], *without)


_HABITS = [  # two users, in no order
    ("u", "c", 150, 5.0, "desk"),
    ("u", "a", 10, 4.0, "desk"),
    ("v", "a", 120, 2.0, "desk"),
    ("u", "b", 20, 1.0, None),
    ("u", "a", 160, 3.0, "phone"),
    ("v", "b", 210, 3.0, "desk"),
    ("u", "d", 250, 3.0, "phone"),
]
_NAMES = "user item at stars device"
_SCHEMA = _TIME + _TARGET + _DEVICE


def test_interactions_with_history_and_weight() -> None:
    shard = _shard(_NAMES, _HABITS, _SCHEMA, _BY_TIME, data=DataConfig(positive_min=3.0, history_length=2))
    found = {split: _plain(columns) for split, columns in shard.interactions()}
    assert found["train"] == [
        {
            "user": ["u"], "item": ["a"], "at": [10], "stars": [4.0], "device": ["desk"],
            "history": [], "history_target": [], "interaction_weight": [1.0],
        },
        {
            "user": ["u"], "item": ["b"], "at": [20], "stars": [1.0], "device": [],
            "history": ["a"], "history_target": [4.0], "interaction_weight": [0.0],
        },
    ]  # fmt: skip
    assert [(row["item"], row["history"], row["history_target"]) for row in found["eval"]] == [
        (["c"], ["a", "b"], [4.0, 1.0]),
        (["a"], ["b", "c"], [1.0, 5.0]),
        (["a"], [], []),
    ]
    assert [(row["user"], row["item"], row["history"]) for row in found["test"]] == [
        (["u"], ["d"], ["c", "a"]),
        (["v"], ["b"], ["a"]),
    ]
    assert shard.weights.tolist() == [1, 0, 1, 1, 1, 0, 1]


def test_next_items() -> None:
    shard = _shard(_NAMES, _HABITS, _SCHEMA, _BY_TIME, data=DataConfig(positive_min=3.0, history_length=1))
    # "a" at 160 is a repeat, and v's "a" no positive: neither is asked for. Seen is more than the history holds.
    assert _queries(shard, "eval") == [
        {
            "user": ["u"], "at": [150], "device": ["desk"], "history": ["b"], "history_target": [1.0],
            "relevant_items": ["c"], "seen_items": ["a", "b"],
        }
    ]  # fmt: skip
    assert _queries(shard, "test", "at", "device", "history_target") == [
        {"user": ["u"], "history": ["a"], "relevant_items": ["d"], "seen_items": ["a", "b", "c"]},
        {"user": ["v"], "history": ["a"], "relevant_items": ["b"], "seen_items": ["a"]},
    ]


def test_held_out_items_of_a_user() -> None:
    rows = [
        ("u", "a", "train", 5.0),
        ("u", "b", "eval", 5.0),
        ("u", "a", "eval", 5.0),  # known from train already
        ("u", "b", "eval", 4.0),  # once is enough
        ("u", "c", "eval", 1.0),  # no positive
        ("u", "d", "test", 5.0),
        ("u", "b", "test", 5.0),
        ("v", "a", "eval", 5.0),
        ("w", "a", "train", 5.0),
    ]
    shard = _shard("user item fold stars", rows, _SPLIT + _TARGET, _BY_COLUMN, data=DataConfig(positive_min=3.0))
    assert _queries(shard, "eval", "history_target") == [
        {"user": ["u"], "history": ["a"], "seen_items": ["a"], "relevant_items": ["b"]},
        {"user": ["v"], "history": [], "seen_items": [], "relevant_items": ["a"]},
    ]
    assert _queries(shard, "test", "history_target") == [
        {"user": ["u"], "history": ["a", "a", "b", "b", "c"], "seen_items": ["a", "b", "c"], "relevant_items": ["d"]}
    ]


@pytest.mark.parametrize(
    ("plan", "protocol", "next_item"),
    [
        (_BY_TIME, "auto", True),
        (_BY_TIME, "per_user", False),
        (_BY_COLUMN, "auto", False),
        (_BY_COLUMN, "next_item", True),
        (_AT_RANDOM, "auto", False),
    ],
)
def test_protocols(plan: SplitPlan, protocol: str, next_item: bool) -> None:
    rows = [("u", "a", 10, "train"), ("u", "b", 110, "eval"), ("u", "c", 120, "eval"), ("u", "d", 210, "test")]
    shard = _shard("user item at fold", rows, _TIME + _SPLIT, plan, protocol=protocol)
    queries = dict(shard.queries())
    assert all(("at" in queries[split]) == next_item for split in ("eval", "test"))
    if plan is not _AT_RANDOM:
        relevant = [row["relevant_items"] for row in _queries(shard, "eval")]
        assert relevant == ([["b"], ["c"]] if next_item else [["b", "c"]])


def test_next_items_within_a_split_column_see_what_their_split_may() -> None:
    rows = [("u", "a", 1, "train"), ("u", "b", 2, "eval"), ("u", "c", 3, "eval"), ("u", "d", 4, "test")]
    shard = _shard("user item at fold", rows, _TIME + _SPLIT, _BY_COLUMN, protocol="next_item")
    seen = {split: [row["seen_items"] for row in _queries(shard, split)] for split in ("eval", "test")}
    assert seen == {"eval": [["a"], ["a"]], "test": [["a", "b", "c"]]}


@pytest.mark.parametrize(("until", "expected"), [("all", ["a", "b", "c"]), ("eval", ["a", "b"]), ("train", ["a"])])
def test_serving_states(until: str, expected: list[str]) -> None:
    rows = [("u", "a", 10), ("u", "b", 110), ("u", "c", 210)]
    shard = _shard("user item at", rows, _TIME, _BY_TIME, history_until=until)
    assert _queries(shard, "serving") == [{"user": ["u"], "history": expected, "seen_items": expected}]


def test_what_was_shown_and_not_taken_is_neither_history_nor_seen() -> None:
    rows = [("u", "a", 10, "shown"), ("u", "b", 20, "buy"), ("u", "a", 110, "buy"), ("u", "c", 210, "shown")]
    data = DataConfig(event_weights={"shown": 0.0, "buy": 2.0})
    shard = _shard("user item at kind", rows, _TIME + _EVENT, _BY_TIME, data=data)
    assert shard.weights.tolist() == [0, 2, 2, 0]
    assert _queries(shard, "serving") == [{"user": ["u"], "history": ["b", "a"], "seen_items": ["b", "a"]}]
    # That it was shown before does not make it a repeat.
    assert _queries(shard, "eval", "user", "at") == [{"history": ["b"], "relevant_items": ["a"], "seen_items": ["b"]}]
    assert _queries(shard, "test") == []
    held_out = _shard("user item at kind", rows, _TIME + _EVENT, _BY_TIME, data=data, protocol="per_user")
    assert _queries(held_out, "eval", "user") == [{"history": ["b"], "relevant_items": ["a"], "seen_items": ["b"]}]


def test_users_of_either_table_have_a_state() -> None:
    users: list[Row] = [{"user": "u", "age": 30}, {"user": "w", "age": None}, {"user": "x", "age": 50}]
    rows = [("v", "a", 10), ("u", "a", 10)]
    shard = _shard("user item at", rows, _TIME + _AGE, _BY_TIME, users)
    assert [*shard.user_ids] == ["u", "v", "w", "x"]
    assert _queries(shard, "serving", "seen_items") == [
        {"user": ["u"], "age": [30], "history": ["a"]},
        {"user": ["v"], "age": [], "history": ["a"]},
        {"user": ["w"], "age": [], "history": []},
        {"user": ["x"], "age": [50], "history": []},
    ]
    train = _plain(dict(shard.interactions())["train"], "item", "at", "history", "interaction_weight")
    assert train == [{"user": ["u"], "age": [30]}, {"user": ["v"], "age": []}]


def test_users_alone_and_interactions_alone() -> None:
    only_users = _shard("user item at", [], _TIME + _AGE, _BY_TIME, [{"user": "u", "age": 30}])
    assert [len(_plain(columns)) for _, columns in only_users.interactions()] == [0, 0, 0]
    assert _queries(only_users, "serving") == [{"user": ["u"], "age": [30], "history": [], "seen_items": []}]
    no_users_here = _shard("user item at", [("u", "a", 10)], _TIME + _AGE, _BY_TIME, [])
    assert _queries(no_users_here, "serving") == [{"user": ["u"], "age": [], "history": ["a"], "seen_items": ["a"]}]


def test_ids_alone() -> None:
    rows = [("u", item) for item in "abcdefghij"]
    shard = _shard("user item", rows, "", _AT_RANDOM)
    found = {split: _plain(columns) for split, columns in shard.interactions()}
    assert {split: len(rows) for split, rows in found.items()} == {"train": 8, "eval": 1, "test": 1}
    known = {row["item"][0] for row in found["train"]}
    for row in found["train"]:
        assert {*row["history"]} == known - {*row["item"]}  # without times the history is a set: all others
    assert {*found["eval"][0]["history"]} == known
    (query,) = _queries(shard, "test")
    assert query["relevant_items"] == found["test"][0]["item"]
    assert {*query["seen_items"]} == known | {*found["eval"][0]["item"]}


def test_a_share_of_the_queries() -> None:
    rows = [(f"u{n}", f"i{m}", fold) for n in range(300) for m, fold in enumerate(("train", "eval", "test"))]
    for protocol, schema, names in (
        ("auto", _SPLIT, "user item fold"),
        ("next_item", _TIME + _SPLIT, "user item at fold"),
    ):
        moments = rows if protocol == "auto" else [(user, item, int(item[1]), fold) for user, item, fold in rows]
        shard = _shard(names, moments, schema, _BY_COLUMN, sampling=Sampling(eval=0.2, test=0.0), protocol=protocol)
        assert 40 <= len(_queries(shard, "eval")) <= 80
        assert _queries(shard, "test") == []
        assert len(_queries(shard, "serving")) == 300


_shuffled = st.lists(
    st.tuples(
        st.sampled_from("uv"), st.sampled_from("abc"), st.integers(0, 30).map(lambda n: n * 10),
        st.sampled_from([1.0, 4.0, 5.0]), st.sampled_from([None, "phone"]),
    ),
    max_size=25,
).flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows)))  # fmt: skip


@given(_shuffled)
def test_the_order_of_rows_in_the_source_changes_nothing(both: tuple[list[Any], list[Any]]) -> None:
    # Rows may be equal in user, item and time and differ elsewhere, or be there twice.
    one, other = (_shard(_NAMES, rows, _SCHEMA, _BY_TIME) for rows in both)
    for ours, theirs in ((one.interactions, other.interactions), (one.queries, other.queries)):
        assert {split: _plain(columns) for split, columns in ours()} == {
            split: _plain(columns) for split, columns in theirs()
        }
