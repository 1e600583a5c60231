"""Which index is chosen, and how many lists it searches."""

from __future__ import annotations

import numpy as np
import pytest

from components.candidate_index.choice import check_recall, choose_plan, probes_for
from components.candidate_index.quality import recall_against_exact
from modules.errors import InputError
from modules.index.config import IndexConfig
from modules.index.index import build_index
from modules.index.partition import Partition
from modules.index.plan import IndexPlan

RNG = np.random.default_rng(4)
VECTORS = (RNG.normal(size=(40, 8))[RNG.integers(0, 40, 3000)] + 0.3 * RNG.normal(size=(3000, 8))).astype(np.float32)
QUERIES = (VECTORS[RNG.integers(0, 3000, 60)] + 0.3 * RNG.normal(size=(60, 8))).astype(np.float32)


def test_as_many_lists_as_the_target_takes() -> None:
    """200 items on a line in lists of 25: to the right the best 100 fill four lists, of which three hold 75 %."""
    vectors = np.arange(200, dtype=np.float32)[:, None]
    partition = Partition((np.arange(200) // 25).astype(np.int32), vectors.reshape(8, 25).mean(axis=1)[:, None])
    queries = np.ones((6, 1), np.float32)
    found = [probes_for(partition, vectors, queries, target) for target in (0.25, 0.749, 0.7491, 1.0)]
    assert found == [2, 3, 4, 4]  # a quarter and its margin for rounding take a second list


def test_both_halves_of_the_queries_must_reach_it() -> None:
    """Queries to the left fill four lists too, unless one of them lies where its mean does not show it."""
    vectors = np.arange(200, dtype=np.float32)[:, None]
    lists, means = (np.arange(200) // 25).astype(np.int32), vectors.reshape(8, 25).mean(axis=1)[:, None]
    means[0] = 1000.0  # seen from the left, the best list comes last
    partition = Partition(lists, means)
    assert probes_for(partition, vectors, np.array([[1.0], [-1.0]], np.float32), 0.9) == 8
    assert probes_for(partition, vectors, np.array([[1.0], [1.0]], np.float32), 0.9) == 5


@pytest.mark.parametrize("target", [0.8, 0.95, 1.0])
def test_a_partitioned_index_reaches_its_target(target: float) -> None:
    plan = choose_plan(IndexConfig("partitioned", target), VECTORS, QUERIES, 1)
    assert plan.kind == "partitioned" and plan.partition is not None
    recall = recall_against_exact(build_index(plan, VECTORS), VECTORS, QUERIES)
    assert recall >= target
    fewer = IndexPlan(plan.kind, plan.partition, plan.probes - 1)
    assert recall_against_exact(build_index(fewer, VECTORS), VECTORS, QUERIES[:30]) < target + 0.01


def test_small_catalogues_are_searched_exactly() -> None:
    assert choose_plan(IndexConfig(), VECTORS, QUERIES, 1) == IndexPlan()
    assert choose_plan(IndexConfig("exact"), VECTORS, QUERIES, 1) == IndexPlan()
    assert choose_plan(IndexConfig("partitioned"), VECTORS[:256], QUERIES, 1) == IndexPlan()  # two lists at most


@pytest.mark.parametrize(("exact_ms", "expected"), [(1.0, "exact"), (3.0, "partitioned")])
def test_of_large_ones_the_faster_is_taken(monkeypatch: pytest.MonkeyPatch, exact_ms: float, expected: str) -> None:
    measured = {"exact": exact_ms, "partitioned": 2.0}
    monkeypatch.setattr(
        "components.candidate_index.choice._median_ms", lambda plan, vectors, queries: measured[plan.kind]
    )
    assert choose_plan(IndexConfig(exact_up_to=2999), VECTORS, QUERIES, 1).kind == expected


def test_what_finds_too_little_is_refused() -> None:
    check_recall("partitioned", 0.95, IndexConfig(recall_target=0.95))
    with pytest.raises(
        InputError, match=r"index, partitioned.*recall@100 of at least 0.95.*recall_target.*received 0.9412"
    ):
        check_recall("partitioned", 0.9412, IndexConfig(recall_target=0.95))
