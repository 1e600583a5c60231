"""Recency, exploration and calibration in whole answers."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from modules.item_popularity import ItemPopularity
from modules.serving.query import Request
from modules.serving.rules import Rules
from modules.serving.servable import Blend, Servable
from tests.modules.serving.shop import Shop, example

SIZE = 30
RNG = np.random.default_rng(4)
COUNTS = np.sort(RNG.integers(0, 12, [SIZE, 3]), axis=1)
RECENT = RNG.integers(0, 20, [SIZE, 3]).astype(np.float32)
POPULARITY = ItemPopularity(COUNTS, RECENT, np.array([100, 200, 300]), 0.02, 1.0)
K = tf.constant(10)
USER = Request.of(tf.constant(["u1"]))

# Signatures are not traced here: the methods behind them answer as well, and at once.


def served(folder: Path, popularity: ItemPopularity, blend: Blend, **more: Any) -> tuple[Shop, Servable]:
    shop = Shop(SIZE, [[], [3, 4, 5]])
    shop.catalogue = dataclasses.replace(shop.catalogue, popularity=popularity)
    return shop, shop.servable(folder, blend, **({"retrieve_k": SIZE} | more))


def items(answer: dict[str, tf.Tensor]) -> list[int]:
    return [int(one[1:]) for one in answer["item_id"].numpy()[0] if one]


def query(shop: Shop) -> Any:
    """The vector of u1."""
    return shop.vectors[[3, 4, 5]].sum(axis=0) + np.array([1, 0, 0])


@pytest.mark.parametrize(("until", "column"), [("all", 2), ("eval", 1), ("train", 0)])
def test_recency_in_retrieval_and_in_the_blend(tmp_path: Path, until: str, column: int) -> None:
    shop, servable = served(tmp_path, POPULARITY, Blend(1, 0, 0, 0.5), history_until=until)
    for ask, weight in ((servable.retrieve, 1.0), (servable.recommend, 1.5)):
        answer = ask(USER, K)
        score = shop.vectors[:SIZE] @ query(shop) + weight * RECENT[:, column]
        score[[3, 4, 5]] = -np.inf
        np.testing.assert_allclose(answer["score"][0], np.sort(score)[::-1][:10], rtol=1e-5)
        np.testing.assert_allclose(answer["score"][0], score[items(answer)], rtol=1e-5)


def test_queries_from_the_past_know_the_past_alone(tmp_path: Path) -> None:
    shop, servable = served(tmp_path, POPULARITY, Blend(1, 0, 0, 0.5))

    def best(weight: float, column: int) -> NDArray[np.float32]:
        return np.sort(shop.vectors[:SIZE, 0] + weight * RECENT[:, column])[::-1][:10]

    asked = tf.constant([example(age=[1], time=[moment]) for moment in (150, 250, 1000)] + [example(age=[1])])
    for ask, weight in ((servable.retrieve_from_examples, 1.0), (servable.recommend_from_examples, 1.5)):
        answer = ask(asked, K, stored_history=False)
        for row, column in enumerate((0, 1, 2, 0)):
            np.testing.assert_allclose(answer["score"][row], best(weight, column), rtol=1e-5)
    np.testing.assert_allclose(servable.recommend_from_examples(asked, K)["score"][0], best(1.5, 2), rtol=1e-5)


def test_popularity_says_nothing_of_likeness(tmp_path: Path) -> None:
    _, servable = served(tmp_path / "a", POPULARITY, Blend())
    _, without = served(tmp_path / "b", ItemPopularity.unknown(SIZE), Blend())
    one, other = (asked.similar(tf.constant(["i9"]), K) for asked in (servable, without))
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name])


def test_score_without_a_target_is_the_blended_one(tmp_path: Path) -> None:
    shop, servable = served(tmp_path, POPULARITY, Blend(1, 0, 0, 0.5), with_target=False)
    found = servable.score(tf.constant(["u1", "u1"]), tf.constant(["i7", "nothing"]))
    known = shop.vectors[7] @ query(shop) + 1.5 * RECENT[7, 2]
    unknown = shop.vectors[SIZE] @ query(shop) + 1.5 * RECENT[:, 2].mean()
    np.testing.assert_allclose(found, [known, unknown], rtol=1e-5)


def test_a_level_of_what_nobody_had_taken(tmp_path: Path) -> None:
    """It is the same for requests and for queries from the past: the models met what they met."""
    unmet = np.arange(SIZE) % 4 == 0
    popularity = dataclasses.replace(POPULARITY, weight=0.0, unmet=unmet)
    shop, servable = served(tmp_path, popularity, Blend(1, 0, 0, 0, -2.5), with_target=False)
    score = shop.vectors[:SIZE] @ query(shop) - 2.5 * unmet
    score[[3, 4, 5]] = -np.inf
    answer = servable.recommend(USER, K)
    np.testing.assert_allclose(answer["score"][0], np.sort(score)[::-1][:10], rtol=1e-5)
    np.testing.assert_allclose(answer["score"][0], score[items(answer)], rtol=1e-5)
    asked = tf.constant([example(age=[1], time=[moment]) for moment in (150, 1000)])
    past = servable.recommend_from_examples(asked, K, stored_history=False)["score"]
    np.testing.assert_allclose(past[0], np.sort(shop.vectors[:SIZE, 0] - 2.5 * unmet)[::-1][:10], rtol=1e-5)
    np.testing.assert_allclose(past[0], past[1])
    found = servable.score(tf.constant(["u1", "u1"]), tf.constant(["i8", "nothing"]))
    np.testing.assert_allclose(found, [shop.vectors[8] @ query(shop) - 2.5, shop.vectors[SIZE] @ query(shop) - 2.5])


@pytest.mark.parametrize("below", [1, 4, 9])
def test_exploration(tmp_path: Path, below: int) -> None:
    """Of ten places the fifth and the tenth are those of the best new items; the others keep their order."""
    popularity = dataclasses.replace(POPULARITY, weight=0.0)
    shop, servable = served(tmp_path, popularity, Blend(), exploration=0.2, exploration_below=below)
    score = shop.vectors[:SIZE] @ query(shop)
    score[[3, 4, 5]] = -np.inf
    order = [int(one) for one in np.argsort(-score, kind="stable") if score[one] > -np.inf]
    expected: list[int] = []
    for place in range(10):
        left = [one for one in order if one not in expected]
        fresh = [one for one in left if COUNTS[one, 2] < below]
        expected.append(fresh[0] if place in (4, 9) and fresh else left[0])
    answer = items(servable.recommend(USER, K))
    assert answer == expected
    assert items(servable.recommend(USER, K)) == answer  # the same request, the same answer
    assert len(items(servable.recommend(USER, tf.constant(SIZE)))) == SIZE - 3


def test_new_items_come_from_beyond_the_candidates(tmp_path: Path) -> None:
    counts = np.full((SIZE, 3), 9)
    shop = Shop(SIZE, [[]])
    worst = int(np.argmin(shop.vectors[:SIZE, 0]))
    counts[worst] = 0
    popularity = ItemPopularity(counts, RECENT, np.array([100, 200, 300]))
    shop.catalogue = dataclasses.replace(shop.catalogue, popularity=popularity)
    asked = tf.constant([example(age=[1])])
    some = shop.servable(tmp_path / "a", retrieve_k=5, exploration=0.5)
    answer = items(some.recommend_from_examples(asked, K))
    assert answer[1] == worst and len(set(answer)) == 10
    denied = shop.servable(tmp_path / "b", rules=Rules(deny=(f"i{worst}",)), retrieve_k=5, exploration=0.5)
    assert worst not in items(denied.recommend_from_examples(asked, K))


def test_calibration(tmp_path: Path) -> None:
    """The stronger it is, the nearer is the mix of an answer to that of the history."""
    distances = []
    for strength in (0.0, 0.5, 0.99):
        settings = {"calibration": strength, "calibrated": "genre"}
        shop, servable = served(tmp_path / str(strength), ItemPopularity.unknown(SIZE), Blend(), **settings)
        found = items(servable.recommend(USER, K))
        wanted, got = (_mix(shop, part) for part in ([3, 4, 5], found))
        distances.append(sum(p * np.log(p / (0.99 * got.get(key, 0) + 0.01 * p)) for key, p in wanted.items()))
    assert distances[0] > distances[1] >= distances[2]


def _mix(shop: Shop, rows: list[int]) -> dict[bytes, float]:
    total: dict[bytes, float] = {}
    for row in rows:
        for genre in shop.genres[row] or [b""]:
            total[genre] = total.get(genre, 0) + 1 / max(len(shop.genres[row]), 1) / len(rows)
    return total
