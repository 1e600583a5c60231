"""Ages in whole answers: exact ones, and nothing that is still to come."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.index.exact import ExactIndex
from modules.item_age import ALWAYS, ItemAge
from modules.item_popularity import ItemPopularity
from modules.serving.age_table import AgeTable, search_on_sale
from modules.serving.moment import When
from modules.serving.query import Request
from modules.serving.rules import Rules
from modules.serving.servable import Blend, Servable
from tests.modules.serving.shop import Shop, example

SIZE, K, WEIGHT = 30, tf.constant(10), 2.0
RNG = np.random.default_rng(4)
BEGINS = np.array([100, 200, 300])
SINCE = RNG.integers(0, 400, SIZE)
SINCE[::7] = ALWAYS
AGE = ItemAge(np.repeat(SINCE[:, None], 3, axis=1), np.array([20, 80]), np.array([3, 1, 0], np.float32), WEIGHT)
RECENT = RNG.integers(0, 20, [SIZE, 3]).astype(np.float32)
POPULARITY = ItemPopularity(np.full((SIZE, 3), 9), RECENT, BEGINS, 0.02, 0.5, age=AGE)


def served(folder: Path, popularity: ItemPopularity = POPULARITY, **more: Any) -> tuple[Shop, Servable]:
    shop = Shop(SIZE, [[], [3, 4, 5]])
    shop.catalogue = dataclasses.replace(shop.catalogue, popularity=popularity)
    return shop, shop.servable(folder, **({"retrieve_k": SIZE} | more))


@pytest.fixture(scope="module")
def shop_and_servable(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, Servable]:
    return served(tmp_path_factory.mktemp("aged"))


def items(answer: dict[str, tf.Tensor], row: int = 0) -> list[int]:
    return [int(one[1:]) for one in answer["item_id"].numpy()[row] if one]


def boosts(moment: int) -> Any:
    ages = moment - SINCE
    return np.where(ages <= 20, 3.0, np.where(ages <= 80, 1.0, 0.0))


def by_hand(shop: Shop, moment: int, column: int) -> Any:
    """Retrieval scores of a user of age 1 without a past."""
    scores = shop.vectors[:SIZE, 0] + 0.5 * RECENT[:, column] + WEIGHT * boosts(moment)
    return np.where(moment >= SINCE, scores, -np.inf)


def test_scores_are_those_of_the_very_moment(shop_and_servable: tuple[Shop, Servable]) -> None:
    """Whatever the snapshot's vectors hold; without a moment, that of the begin of what is served."""
    shop, servable = shop_and_servable
    moments = [150, 199, 250, 1000]
    asked = tf.constant([*(example(age=[1], time=[moment]) for moment in moments), example(age=[1])])
    past = servable.retrieve_from_examples(asked, K, stored_history=False)
    now = servable.retrieve_from_examples(asked, K)
    for row, (moment, column) in enumerate([*zip(moments, (0, 0, 1, 2), strict=True), (100, 0)]):
        best = np.sort(by_hand(shop, moment, column))[::-1][:10]
        np.testing.assert_allclose(past["score"][row], np.where(np.isfinite(best), best, 0), rtol=1e-5)
    for row, moment in enumerate([*moments, 300]):
        expected = by_hand(shop, moment, 2)
        np.testing.assert_allclose(now["score"][row], np.sort(expected)[::-1][:10], rtol=1e-5)
        np.testing.assert_allclose(now["score"][row], expected[items(now, row)], rtol=1e-5)


@settings(max_examples=25, deadline=None)
@given(moment=st.one_of(st.integers(-10, 420), st.integers(-(2**40), 2**40)), k=st.integers(1, 2 * SIZE))
def test_nothing_that_is_still_to_come(shop_and_servable: tuple[Shop, Servable], moment: int, k: int) -> None:
    """However it is asked; and all that is there is found."""
    _, servable = shop_and_servable
    asked = tf.constant([example(age=[1], time=[moment])])
    there = np.flatnonzero(moment >= SINCE)
    for ask in (servable.retrieve_from_examples, servable.recommend_from_examples):
        for stored in (True, False):
            found = items(ask(asked, tf.constant(k), stored_history=stored))
            assert set(found) <= set(there) and len(found) == len(set(found)) == min(k, len(there))


def test_requests_without_a_moment(shop_and_servable: tuple[Shop, Servable]) -> None:
    _, servable = shop_and_servable
    every, to_come = tf.constant(SIZE), set(np.flatnonzero(SINCE > 300))
    assert to_come
    for answer in (
        servable.recommend(Request.of(tf.constant(["u1"])), every),
        servable.similar(tf.constant(["i9"]), every),
        servable.like(tf.constant([example(colour=["red"])]), every),
    ):
        assert len(items(answer)) > 5 and not set(items(answer)) & to_come


def test_pinned_and_new_items_wait_for_their_release(tmp_path: Path) -> None:
    late, there = int(np.argmax(SINCE)), int(np.argmin(SINCE))
    popularity = dataclasses.replace(POPULARITY, counts=np.zeros((SIZE, 3), np.int64))
    rules = Rules(pin=(f"i{late}", f"i{there}"))
    _, servable = served(tmp_path, popularity, rules=rules, exploration=0.5)
    asked = tf.constant([example(age=[1], time=[moment]) for moment in (int(SINCE[late]) - 1, int(SINCE[late]))])
    before, after = (items(servable.recommend_from_examples(asked, K), row) for row in (0, 1))
    assert before[0] == there and late not in before and after[:2] == [late, there]


def test_pairs_are_scored_with_their_age(tmp_path: Path) -> None:
    shop = Shop(SIZE, [[]])
    shop.catalogue = dataclasses.replace(shop.catalogue, popularity=POPULARITY)
    servable = shop.servable(tmp_path, Blend(), with_target=False)
    one = int(np.argmin(np.abs(SINCE - 290)))
    found = servable.score(tf.constant(["u0", "u0"]), tf.constant([f"i{one}", "nothing"]))
    in_vectors = 0.5 * RECENT[:, 2] + WEIGHT * boosts(300)
    np.testing.assert_allclose(found[0], in_vectors[one], rtol=1e-5)  # age 0: the query's vector is 0
    np.testing.assert_allclose(found[1], in_vectors.mean(), rtol=1e-5)


def test_a_weightless_age_still_hides_what_is_to_come(tmp_path: Path) -> None:
    popularity = dataclasses.replace(POPULARITY, weight=0.0, age=dataclasses.replace(AGE, weight=0.0))
    assert popularity.coordinates == 0
    _, servable = served(tmp_path, popularity)
    found = items(servable.retrieve_from_examples(tf.constant([example(age=[1], time=[50])]), tf.constant(SIZE)))
    assert sorted(found) == np.flatnonzero(SINCE <= 50).tolist()


def test_more_are_looked_at_than_are_found() -> None:
    """Four times as many by the ages at the begin, the best of these by the exact ones."""
    since = RNG.integers(0, 400, 500)
    age = dataclasses.replace(AGE, available=np.repeat(since[:, None], 3, axis=1))
    popularity = dataclasses.replace(ItemPopularity.unknown(500), begins=BEGINS, age=age)
    vectors = RNG.normal(size=(500, 2)).astype(np.float32)
    rough = vectors[:, 0] + WEIGHT * age.boosts_at(BEGINS)[:, 1]
    exact = vectors[:, 0] + WEIGHT * age.boost(290 - since)
    looked_at = np.argsort(-np.where(since <= 290, rough, -np.inf))[:40]
    queries = tf.constant([[1.0, 0.0, 0.0, 1.0, 0.0]])
    when = When(tf.constant([1]), tf.constant([290], tf.int64))
    nothing = tf.RaggedTensor.from_row_lengths(tf.constant([], tf.int32), tf.constant([0], tf.int64))
    index = ExactIndex(popularity.beside(vectors))
    scores, positions = search_on_sale(index, AgeTable(age, BEGINS), queries, when, nothing, None, tf.constant(10))
    np.testing.assert_allclose(scores[0], np.sort(exact[looked_at])[::-1][:10], rtol=1e-4)
    np.testing.assert_allclose(scores[0], exact[positions[0]], rtol=1e-4)
