"""Greedy re-ranking: by hand, and against a plain reading of its definition."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from modules.serving.calibration import Calibration
from modules.serving.reranking import rerank

INF = float("inf")


def order(scores: list[float], k: int, diversity: float = 0.0, **more: object) -> list[int]:
    vectors = more.get("vectors")
    codes, caps, fresh = more.get("codes", {}), more.get("caps", {}), more.get("fresh")
    assert isinstance(codes, dict) and isinstance(caps, dict)
    result = rerank(
        tf.constant([scores], tf.float32),
        None if vectors is None else tf.constant([vectors], tf.float32),
        {name: tf.constant([value], tf.int32) for name, value in codes.items()},
        tf.constant(k),
        diversity=diversity,
        caps=caps,
        calibration=more.get("calibration"),  # type: ignore[arg-type]
        exploration=more.get("exploration", 0.0),  # type: ignore[arg-type]
        fresh=None if fresh is None else tf.constant([fresh]),
    )
    assert result.dtype == tf.int32
    first: list[int] = result.numpy()[0].tolist()
    return first


def test_plain_order() -> None:
    assert order([1, 3, -INF, 3, 2], 5) == [1, 3, 4, 0, -1]
    assert order([1, INF, INF, 5], 3) == [1, 2, 3]  # pinned: first, in the order of the columns
    assert order([1, 2], 4) == [1, 0, -1, -1]
    assert order([1, 2], 0) == []


def test_diversity_by_hand() -> None:
    # Relevance 1, 0.9, 0. After 0: (1 - λ) · 0.9 - λ · 1 for its twin, (1 - λ) · 0 - λ · 0 for the other.
    scores, vectors = [10.0, 9.0, 0.0], [[1, 0], [2, 0], [0, 1]]
    assert order(scores, 3, 0.4, vectors=vectors) == [0, 1, 2]  # 0.54 - 0.4 > 0
    assert order(scores, 3, 0.5, vectors=vectors) == [0, 2, 1]  # 0.45 - 0.5 < 0


def test_cap_by_hand() -> None:
    codes = {"genre": [[0, 1], [0, -1], [2, 1], [3, -1]]}
    assert order([4, 3, 2, 1], 2, codes=codes, caps={"genre": 1}) == [0, 3]  # 1 shares value 0, 2 shares value 1
    assert order([4, 3, 2, 1], 4, codes=codes, caps={"genre": 1}) == [0, 3, 1, 2]  # yields, as nobody else is left
    assert order([4, 3, 2, 1], 4, codes=codes, caps={"genre": 2}) == [0, 1, 2, 3]
    assert order([4, INF, INF, 1], 3, codes={"genre": [[0], [0], [0], [1]]}, caps={"genre": 1}) == [1, 2, 3]


def test_a_value_given_twice_counts_once() -> None:
    codes = {"genre": [[0, 0], [0, -1], [0, 1]]}
    assert order([3, 2, 1], 2, codes=codes, caps={"genre": 2}) == [0, 1]


def test_no_values_are_no_limit() -> None:
    assert order([3, 2, 1], 3, codes={"genre": [[], [], []]}, caps={"genre": 1}) == [0, 1, 2]


def test_calibration_by_hand() -> None:
    """Half a and half b are wanted. Relevance 1, 0.9, 0; after the first a, another is 0.5 (ln 2 + ln 100) away."""
    wanted, codes = tf.constant([[0.5, 0.5]]), tf.constant([[[0], [0], [1]]])
    scores = [10.0, 9.0, 0.0]
    # log(0.5 / 0.995) and log(0.5 / 0.005): 0.5 · (-0.688 + 4.605) = 1.958 for a; 0 for b, as all is even then.
    assert order(scores, 3, calibration=Calibration(0.3, wanted, codes)) == [0, 1, 2]  # 0.7 · 0.9 - 0.3 · 1.958 > 0
    assert order(scores, 3, calibration=Calibration(0.33, wanted, codes)) == [0, 2, 1]  # 0.603 - 0.646 < 0


def test_pinned_items_count_for_the_mix() -> None:
    wanted, codes = tf.constant([[0.5, 0.5]]), tf.constant([[[0], [0], [1]]])
    assert order([INF, 9, 8], 2, calibration=Calibration(0.9, wanted, codes)) == [0, 2]


def test_exploration_by_hand() -> None:
    scores = [9.0, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    fresh = [False] * 7 + [True] * 3
    # Of the first 4, 7 and 10 places (whole parts of n · 0.3: 1, 2, 3) the last is a fresh one's.
    assert order(scores, 10, fresh=fresh, exploration=0.3) == [0, 1, 2, 7, 3, 4, 8, 5, 6, 9]
    assert order(scores, 10, fresh=fresh, exploration=0.1) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert order(scores, 3, fresh=fresh, exploration=0.5) == [0, 7, 1]
    assert order(scores, 5, fresh=[True, *fresh[1:]], exploration=0.5) == [0, 7, 1, 8, 2]  # 0 is there on its merits
    assert order(scores, 10, fresh=[False] * 10, exploration=0.3) == list(range(10))


def test_caps_and_pins_come_before_exploration() -> None:
    fresh, codes = [False, False, True, True], {"genre": [[0], [1], [0], [2]]}
    assert order([4, 3, 2, 1], 2, codes=codes, caps={"genre": 1}, fresh=fresh, exploration=0.5) == [0, 3]
    assert order([4, 3, 2, 1], 4, codes=codes, caps={"genre": 1}, fresh=[False] * 3 + [True], exploration=0.5) == [
        0, 3, 1, 2,
    ]  # fmt: skip
    assert order([INF, INF, 2, 3], 4, fresh=fresh, exploration=0.5) == [0, 1, 3, 2]


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_fresh_ones_get_their_share(data: st.DataObject) -> None:
    """Whatever the scores: of the first n places at least the whole part of n · share, as long as there are any."""
    count = data.draw(st.integers(1, 15))
    fresh = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
    scores = [float(score) for score in data.draw(st.permutations(range(count)))]
    share = data.draw(st.sampled_from([0.05, 0.1, 0.2, 0.25, 0.3, 0.5, 0.9]))
    found = order(scores, count, fresh=fresh, exploration=share)
    assert sorted(found) == list(range(count))
    for n in range(1, count + 1):
        explored = sum(fresh[place] for place in found[:n])
        assert explored >= min(int(n * share + 1e-9), sum(fresh))
    for kind in (True, False):  # among their like, the best first
        own = [scores[place] for place in found if fresh[place] is kind]
        assert own == sorted(own, reverse=True)


def reference(
    scores: NDArray[np.float64],
    vectors: NDArray[np.float64],
    genres: list[set[int]],
    k: int,
    diversity: float,
    cap: int | None,
) -> list[int]:
    """The definition, candidate by candidate."""
    finite = scores[np.isfinite(scores)]
    low, high = (finite.min(), finite.max()) if len(finite) else (0, 0)
    lengths = [max(float(np.sqrt((vector**2).sum())), 1e-6) for vector in vectors]
    left = [i for i in range(len(scores)) if scores[i] > -INF]
    chosen: list[int] = []
    while left and len(chosen) < k:
        pinned = [i for i in left if scores[i] == INF]
        keeps = [i for i in left if cap is None or all(sum(g in genres[j] for j in chosen) < cap for g in genres[i])]

        def worth(i: int) -> float:
            relevance = (scores[i] - low) / (high - low) if np.isfinite(scores[i]) and high > low else 0.0
            same = [vectors[i] @ vectors[j] / lengths[i] / lengths[j] for j in chosen]
            return float((1 - diversity) * relevance - diversity * max(same, default=0.0))

        best = pinned[0] if pinned else max(keeps or left, key=lambda i: (round(worth(i), 5), -i))
        chosen.append(best)
        left.remove(best)
    return chosen


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_equals_the_definition(data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    count, k = data.draw(st.integers(1, 12)), data.draw(st.integers(0, 14))
    diversity = data.draw(st.sampled_from([0.0, 0.3, 0.7, 0.95]))
    cap = data.draw(st.sampled_from([None, 1, 2]))
    scores = rng.normal(size=[2, count])
    scores[rng.random([2, count]) < 0.2] = -INF
    scores[:, : data.draw(st.integers(0, 2))] = INF
    vectors = rng.normal(size=[2, count, 3])
    codes = rng.integers(-1, 4, [2, count, 2])
    result = rerank(
        tf.constant(scores, tf.float32),
        tf.constant(vectors, tf.float32),
        {"genre": tf.constant(codes, tf.int32)},
        tf.constant(k),
        diversity=diversity,
        caps=None if cap is None else {"genre": cap},
    )
    assert result.shape == [2, k]
    for row in range(2):
        genres = [set(values) - {-1} for values in codes[row].tolist()]
        expected = reference(scores[row], vectors[row], genres, k, diversity, cap)
        assert result.numpy()[row].tolist() == expected + [-1] * (k - len(expected))
