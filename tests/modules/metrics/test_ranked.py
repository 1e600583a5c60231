"""Ranked-list metrics: values by hand, bounds, invariances and a slow reference."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.metrics import ranked
from modules.metrics.evaluate import evaluate_ranking, per_query

# Two queries over a catalogue of 10 items.
#   A: list 3 7 1 9, relevant {7, 9, 5}: hits at places 2 and 4.
#   B: list 0 2 - -, relevant {4}: no hit.
LISTS = np.array([[3, 7, 1, 9], [0, 2, -1, -1]])
RELEVANT = [np.array([7, 9, 5]), np.array([4])]


def test_values_by_hand() -> None:
    values = per_query(LISTS, RELEVANT, ks=(2, 4))
    place2, place4 = 1 / math.log2(3), 1 / math.log2(5)
    # A at 2: one hit at place 2, the best two places are worth 1 + 1/log2(3).
    assert values["ndcg@2"] == pytest.approx([place2 / (1 + place2), 0])
    # A at 4: three relevant items, so the ideal fills three places: 1 + 1/log2(3) + 1/2.
    assert values["ndcg@4"] == pytest.approx([(place2 + place4) / (1 + place2 + 0.5), 0])
    assert values["recall@2"] == pytest.approx([1 / 3, 0])
    assert values["recall@4"] == pytest.approx([2 / 3, 0])
    assert values["hit_rate@2"].tolist() == [1, 0]
    assert values["mrr"].tolist() == [0.5, 0]


def test_means_coverage_and_popularity_by_hand() -> None:
    counts = np.array([5, 0, 0, 9, 1, 0, 0, 9, 0, 0])
    metrics = evaluate_ranking(LISTS, RELEVANT, catalogue_size=10, ks=(2,), item_popularity=counts)
    assert metrics["mrr"] == 0.25
    assert metrics["hit_rate@2"] == 0.5
    assert metrics["coverage@2"] == 0.4  # items 3, 7, 0, 2 of ten
    # Six items have 0 interactions (percentile 3/10), then 1 (.65), 5 (.75), and two with 9 (.9).
    assert metrics["popularity@2"] == pytest.approx(((0.9 + 0.9) / 2 + (0.75 + 0.3) / 2) / 2)
    assert metrics["queries"] == 2


def test_queries_without_a_relevant_item_are_left_out() -> None:
    nothing = np.array([], dtype=int)
    with_empty = evaluate_ranking(np.array([[1, 2], [3, 4]]), [nothing, np.array([3])], 5, ks=(2,))
    assert with_empty == evaluate_ranking(np.array([[3, 4]]), [np.array([3])], 5, ks=(2,))
    assert with_empty["queries"] == 1
    assert with_empty["coverage@2"] == 0.4
    none = evaluate_ranking(np.array([[1, 2]]), [nothing], 5, ks=(2,), item_popularity=np.ones(5, int))
    assert set(none.values()) == {0.0}
    assert evaluate_ranking(np.empty((0, 3), int), [], 5)["queries"] == 0


def test_a_repeated_item_counts_once() -> None:
    values = per_query(np.array([[4, 4, 4]]), [np.array([4, 4, 6])], ks=(3,))
    assert values["recall@3"].tolist() == [0.5]
    assert values["ndcg@3"] == pytest.approx([1 / (1 + 1 / math.log2(3))])


def test_k_beyond_the_list_counts_misses() -> None:
    values = per_query(np.array([[0]]), [np.arange(4)], ks=(3,))
    assert values["recall@3"].tolist() == [0.25]
    assert values["ndcg@3"] == pytest.approx([1 / (1 + 1 / math.log2(3) + 0.5)])
    assert per_query(np.empty((1, 0), int), [np.array([0])], ks=(3,))["mrr"].tolist() == [0]


@pytest.mark.parametrize(
    ("lists", "relevant", "popularity"),
    [
        (np.array([[5]]), [np.array([0])], None),
        (np.array([[0]]), [np.array([5])], None),
        (np.array([[-2]]), [np.array([0])], None),
        (np.array([[0]]), [np.array([-1])], None),
        (np.array([[0]]), [], None),
        (np.array([0]), [np.array([0])], None),
        (np.array([[0]]), [np.array([0])], np.ones(4, int)),
    ],
)
def test_impossible_positions_are_refused(
    lists: ranked.Ints, relevant: list[ranked.Ints], popularity: ranked.Ints | None
) -> None:
    with pytest.raises(ValueError, match=r"position|popularities|shape"):
        evaluate_ranking(lists, relevant, catalogue_size=5, item_popularity=popularity)


def reference(row: list[int], relevant: set[int], k: int) -> dict[str, float]:
    """One query, written as the textbook has it."""
    gained, first = 0.0, 0.0
    found: set[int] = set()
    for place, item in enumerate(row, start=1):
        if item in relevant and item not in found:
            if not found:
                first = 1 / place
            found.add(item)
            if place <= k:
                gained += 1 / math.log2(place + 1)
    within = {item for item in row[:k] if item in relevant}
    ideal = sum(1 / math.log2(place + 1) for place in range(1, min(k, len(relevant)) + 1))
    return {
        f"ndcg@{k}": gained / ideal,
        f"recall@{k}": len(within) / len(relevant),
        f"hit_rate@{k}": float(bool(within)),
        "mrr": first,
    }


rows = st.lists(st.integers(0, 19), max_size=8)
queries = st.lists(st.tuples(rows, st.sets(st.integers(0, 19), min_size=1, max_size=9)), min_size=1, max_size=6)


def as_arrays(drawn: list[tuple[list[int], set[int]]]) -> tuple[ranked.Ints, list[ranked.Ints]]:
    lists = np.full((len(drawn), 8), -1)
    for place, (row, _) in enumerate(drawn):
        lists[place, : len(row)] = row
    return lists, [np.array(sorted(relevant)) for _, relevant in drawn]


@settings(max_examples=100, deadline=None)
@given(queries, st.integers(1, 10))
def test_agrees_with_the_textbook(drawn: list[tuple[list[int], set[int]]], k: int) -> None:
    values = per_query(*as_arrays(drawn), ks=(k,))
    for place, (row, relevant) in enumerate(drawn):
        for name, expected in reference(row, relevant, k).items():
            assert values[name][place] == pytest.approx(expected)


@settings(max_examples=50, deadline=None)
@given(queries, st.integers(1, 10), st.randoms(use_true_random=False))
def test_bounds_and_order_of_queries(drawn: list[tuple[list[int], set[int]]], k: int, random: object) -> None:
    counts = np.arange(20) % 7
    metrics = evaluate_ranking(*as_arrays(drawn), catalogue_size=20, ks=(k,), item_popularity=counts)
    assert all(0 <= value <= 1 + 1e-12 for name, value in metrics.items() if name != "queries")
    shuffled = list(drawn)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = evaluate_ranking(*as_arrays(shuffled), catalogue_size=20, ks=(k,), item_popularity=counts)
    assert again == pytest.approx(metrics)


@settings(max_examples=50, deadline=None)
@given(queries, st.permutations(range(20)))
def test_names_of_the_items_do_not_matter(drawn: list[tuple[list[int], set[int]]], names: list[int]) -> None:
    renamed = [([names[item] for item in row], {names[item] for item in relevant}) for row, relevant in drawn]
    before, after = evaluate_ranking(*as_arrays(drawn), 20), evaluate_ranking(*as_arrays(renamed), 20)
    assert after == pytest.approx(before)


def test_perfect_list_scores_one() -> None:
    metrics = evaluate_ranking(np.array([[2, 0, 1]]), [np.array([0, 1, 2])], 3, ks=(3,))
    assert {metrics[name] for name in ("ndcg@3", "recall@3", "hit_rate@3", "mrr", "coverage@3")} == {1.0}
