"""Facts, and the plan that follows from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.example_gen.facts import Overview, SummariseInteractions, merge, overview_facts, plan_splits, problem
from components.example_gen.settings import ExampleSettings
from components.example_gen.splits import SplitKind
from components.example_gen.user_shard import Sampling
from modules.errors import InputError
from modules.roles import parse_roles

_IDS = """
feature { name: "user" type: BYTES annotation { tag: "user_id" } }
feature { name: "item" type: BYTES annotation { tag: "item_id" } }
"""
_TIMED = parse_roles(_IDS + 'feature { name: "at" type: INT annotation { tag: "time" } }')
_SPLIT = parse_roles(_IDS + 'feature { name: "fold" type: BYTES annotation { tag: "split" } }')
_IDS_ALONE = parse_roles(_IDS)


def test_merge() -> None:
    facts: list[dict[str, Any]] = [
        {"rows": {"items": 2, "users": 1}, "positives": 3, "time_from": 10, "time_to": 20, "problems": [["b", "", ""]]},
        {"rows": {"items": 4}, "positives": 1, "time_from": 5, "time_to": 15, "split_kind": ["time"]},
        {"problems": [["a", "", ""], ["c", "", ""]]},
    ]
    assert merge(facts) == {
        "rows": {"items": 6, "users": 1},
        "positives": 4,
        "time_from": 5,
        "time_to": 20,
        "split_kind": ["time"],
        "problems": [["a", "", ""], ["b", "", ""], ["c", "", ""]],
    }
    assert merge([]) == {}


def test_the_first_five_problems_are_kept() -> None:
    facts = [problem(InputError(f"row {n}", "right", "wrong")) for n in range(9, 0, -1)]
    assert merge(facts)["problems"] == [[f"row {n}", "right", "wrong"] for n in range(1, 6)]


_facts = st.fixed_dictionaries(
    {},
    optional={
        "n": st.integers(0, 9),
        "rows": st.dictionaries(st.sampled_from("ab"), st.integers(0, 9)),
        "time_from": st.integers(0, 9),
        "time_to": st.integers(0, 9),
        "list": st.lists(st.text("xyz", min_size=1), min_size=1, max_size=5).map(sorted),
    },
)


@given(st.lists(_facts, max_size=8), st.integers(0, 8))
def test_merge_in_any_grouping(facts: list[dict[str, Any]], cut: int) -> None:
    assert merge([merge(facts[:cut]), merge(facts[cut:])]) == merge(facts)


def test_overview() -> None:
    summarise = SummariseInteractions(_TIMED)
    one = pa.table({"user": ["u", "v", "u"], "item": ["a"] * 3, "at": [30, 10, 10]})
    two = pa.table({"user": ["w", "u"], "item": ["a"] * 2, "at": [20, 30]})
    accumulators = [summarise.add_input(summarise.create_accumulator(), chunk) for chunk in (one, two)]
    found = summarise.extract_output(summarise.merge_accumulators(accumulators))
    assert (found.rows, found.times.tolist(), found.time_counts.tolist(), len(found.users), found.split_rows) == (
        5, [10, 20, 30], [2, 1, 2], 3, {}
    )  # fmt: skip
    assert overview_facts(found) == {"time_from": 10, "time_to": 30}


def test_overview_of_a_split_column_and_of_nothing() -> None:
    summarise = SummariseInteractions(_SPLIT)
    chunk = pa.table({"user": ["u", "v", "u"], "item": ["a"] * 3, "fold": ["train", "test", "train"]})
    found = summarise.add_input(summarise.create_accumulator(), chunk)
    assert found.split_rows == {"train": 2, "test": 1} and len(found.times) == 0
    assert overview_facts(found) == {}
    nothing = summarise.merge_accumulators([summarise.create_accumulator()] * 2)
    assert (nothing.rows, len(nothing.users), nothing.split_rows) == (0, 0, {})


def _overview(rows: int = 1000, users: int = 50, **split_rows: int) -> Overview:
    return Overview(rows, np.arange(rows), np.ones(rows, np.int64), np.arange(users, dtype=np.uint64), split_rows)


def test_plan_by_time() -> None:
    plan, sampling = plan_splits(_overview(), _TIMED, ExampleSettings(max_queries=50, seed=3))
    assert (plan.kind, plan.eval_from, plan.test_from, plan.seed) == (SplitKind.TIME, 800, 900, 3)
    assert sampling == Sampling(0.5, 0.5)  # 50 of the 100 rows of a split
    assert plan_splits(_overview(), _TIMED, ExampleSettings())[1] == Sampling(1.0, 1.0)
    assert plan_splits(_overview(), _TIMED, ExampleSettings(protocol="per_user", max_queries=10))[1] == Sampling(
        0.2, 0.2
    )


@pytest.mark.parametrize("eval_rows", [0, 200])
def test_plan_by_column(eval_rows: int) -> None:
    rows = {"train": 700, "test": 400} | ({"eval": eval_rows} if eval_rows else {})
    plan, sampling = plan_splits(_overview(1000, **rows), _SPLIT, ExampleSettings(max_queries=25))
    assert (plan.kind, plan.set_aside_eval) == (SplitKind.COLUMN, not eval_rows)
    assert sampling == Sampling(0.5, 0.5)  # of the 50 users
    by_row = plan_splits(_overview(1000, **rows), _SPLIT, ExampleSettings(protocol="next_item", max_queries=50))[1]
    assert by_row == Sampling(50 / (eval_rows or 100), 50 / 400)


def test_plan_at_random_and_of_no_rows() -> None:
    plan, sampling = plan_splits(_overview(), _IDS_ALONE, ExampleSettings(seed=5))
    assert (plan.kind, plan.seed, sampling) == (SplitKind.RANDOM, 5, Sampling(1.0, 1.0))
    # All rows were refused: their problem is what the run is to end with, not the lack of a plan.
    for roles in (_TIMED, _SPLIT, _IDS_ALONE):
        assert plan_splits(_overview(0, 0), roles, ExampleSettings())[1] == Sampling(1.0, 1.0)
