"""The contract of a pushed servable with whoever calls it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from components.candidate_index.files import IndexedCatalogue
from modules.item_popularity import ItemPopularity
from tests.e2e.conftest import Finished, RunShop
from tests.e2e.recommender import Recommender, answers, assert_same, example
from tests.e2e.shop import START, picture
from tests.e2e.shops import BUYER, NEWCOMER

CATALOGUE = [str(100 + n) for n in range(30)]
STRING, FLOAT, INT = tf.string, tf.float32, tf.int32
ONE, LISTS = {"user_id": (STRING, [None])}, {"history": (STRING, [None, None]), "exclude": (STRING, [None, None])}
EXAMPLES = {"examples": (STRING, [None])}
K: dict[str, Any] = {"k": (INT, [])}
MANY = {"item_id": (STRING, [None, None]), "score": (FLOAT, [None, None])}
TEN = {"item_id": (STRING, [None, 10]), "score": (FLOAT, [None, 10])}
CONTRACT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "serving_default": (ONE, TEN),
    "recommend": (ONE | LISTS | K, MANY),
    "similar_items": ({"item_id": (STRING, [None])} | K, MANY),
    "score": (ONE | {"item_id": (STRING, [None])}, {"score": (FLOAT, [None])}),
    "items_like": (EXAMPLES | K, MANY),
    "serve_examples": (EXAMPLES, TEN),
}


@pytest.fixture(scope="module")
def run(run_shop: RunShop) -> Finished:
    return run_shop("sqlite")


@pytest.fixture(scope="module")
def recommender(run: Finished) -> Recommender:
    return run.recommender()


@pytest.fixture(scope="module")
def seen(run: Finished) -> dict[str, list[str]]:
    """Items of each user, oldest first."""
    found: dict[str, list[str]] = {}
    for row in sorted(run.shop.interactions, key=lambda row: row["at"]):
        found.setdefault(str(row["customer"]), []).append(str(row["sku"]))
    return found


@pytest.mark.parametrize("name", list(CONTRACT))
def test_names_types_and_shapes(recommender: Recommender, name: str) -> None:
    function = recommender.signatures[name]
    inputs, outputs = CONTRACT[name]
    specs = function.structured_input_signature[1]
    assert {key: (spec.dtype, spec.shape.as_list()) for key, spec in specs.items()} == inputs
    answered = {key: (spec.dtype, spec.shape.as_list()) for key, spec in function.structured_outputs.items()}
    assert {key: answered[key] for key in outputs} == outputs


items = st.one_of(st.sampled_from(CATALOGUE), st.sampled_from(["", "7", "unheard of", "é, ✓"]))
users = st.one_of(st.integers(0, 45).map(str), st.sampled_from([str(BUYER), str(NEWCOMER), "", "nobody"]))
histories = st.one_of(st.just([""]), st.lists(items, max_size=8), st.lists(items, min_size=60, max_size=90))
rows = st.lists(st.tuples(users, histories, st.lists(items, max_size=12)), min_size=1, max_size=4)
counts = st.sampled_from([0, 1, 2, 10, 29, 30, 31, 77])


def ask(recommender: Recommender, asked: list[Any], k: int) -> dict[str, Any]:
    who, *lists = zip(*asked, strict=True)
    history, exclude = ([[*one, *[""] * (max(map(len, column)) - len(one))] for one in column] for column in lists)
    return recommender.ask("recommend", user_id=who, history=history, exclude=exclude, k=k)


@given(rows, counts)
def test_k_distinct_eligible_items(
    recommender: Recommender, seen: dict[str, list[str]], asked: list[Any], k: int
) -> None:
    outputs = ask(recommender, asked, k)
    assert outputs["item_id"].shape == outputs["score"].shape == (len(asked), k)
    for row, (user, history, exclude) in enumerate(asked):
        given_history = [item for item in history if item]
        eligible = set(CATALOGUE) - set(given_history or seen.get(user, [])) - set(exclude)
        got = [item.decode() for item in outputs["item_id"][row]]
        size = min(k, len(eligible))
        assert got[size:] == [""] * (k - size)
        assert len(set(got[:size])) == size
        assert set(got[:size]) <= eligible
        scores = outputs["score"][row][:size]
        assert np.isfinite(scores).all()
        assert (np.diff(scores) <= 0).all()


@given(rows, st.sampled_from([1, 10, 30]))
def test_a_batch_is_answered_like_its_rows(recommender: Recommender, asked: list[Any], k: int) -> None:
    together = ask(recommender, asked, k)
    for row, one in enumerate(asked):
        assert_same(answers(ask(recommender, [one], k)), answers(together)[row : row + 1])


def test_who_has_taken_nearly_everything(recommender: Recommender) -> None:
    assert set(recommender.recommend_ids(str(BUYER), 10)) == {"100", "107"}
    assert recommender.recommend_ids(str(BUYER), 10, exclude=["107"]) == ["100"]
    assert recommender.recommend_ids(str(BUYER), 10, exclude=["107", "100"]) == []
    assert recommender.recommend_ids("nobody", 10, history=CATALOGUE[:-1] * 9) == CATALOGUE[-1:]


def test_a_request_history_replaces_the_stored_one(recommender: Recommender, seen: dict[str, list[str]]) -> None:
    history = ["103", "unheard of", "104"]
    answer = recommender.recommend("5", 30, history)
    assert {item for item, _ in answer} == set(CATALOGUE) - {"103", "104"}
    assert set(seen["5"]) & {item for item, _ in answer}
    assert answer != recommender.recommend("6", 30, history)  # who asks still matters
    stored = dict(recommender.recommend("5", 30))
    assert any(stored[item] != score for item, score in answer if item in stored)  # to the towers, too


def test_other_signatures_take_any_k_and_unknown_ids(recommender: Recommender) -> None:
    for k in (0, 1, 29, 30, 50):
        known, unknown = answers(recommender.ask("similar_items", item_id=["104", "unheard of"], k=k))
        assert len({item for item, _ in known} - {"104"}) == len(known) == min(k, 29)
        assert unknown == []
        (like,) = answers(recommender.ask("items_like", examples=[example(name="tea", price=3.0)], k=k))
        assert len({item for item, _ in like}) == len(like) == min(k, 30)
    scores = recommender.ask("score", user_id=["3", "nobody", "3"], item_id=["104", "104", "unheard of"])["score"]
    assert np.isfinite(scores).all()
    assert len(set(scores.tolist())) == 3


def test_serving_default_is_the_top_ten(recommender: Recommender) -> None:
    outputs = recommender.ask("serving_default", user_id=["3", "nobody"])
    assert_same(answers(outputs), [recommender.recommend(user, 10) for user in ("3", "nobody")])


def test_an_example_says_what_no_table_knows(recommender: Recommender, seen: dict[str, list[str]]) -> None:
    """A stranger with the columns and the past of user 3 is served like user 3, whose id alone tells them apart."""
    plain = answers(recommender.ask("serve_examples", examples=[example(customer="3")]))
    assert_same(plain, [recommender.recommend("3", 10)])
    old = example(age=70, region="S", history=["101", "102"])
    young = example(age=20, region="S", history=["101", "102"])
    here, there = answers(recommender.ask("serve_examples", examples=[old, young]))
    assert here != there
    assert not {"101", "102"} & {item for item, _ in here}


def test_served_scores_are_those_of_the_trained_ranker_on_raw_rows(run: Finished, recommender: Recommender) -> None:
    """Rows joined by hand from the tables, through the Trainer's own model, against `score` by ids alone."""
    trained = tf.saved_model.load(str(run.artifact("Trainer.ranking", "model") / "Format-Serving"))
    assert run.shop.users
    people, past = {row["customer"]: row for row in run.shop.users}, _past(run)
    pairs = [(user, sku) for user in (0, 2, 4, 13, BUYER, NEWCOMER) for sku in (100, 103, 106, 129)]
    skus = {row["sku"]: row for row in run.shop.items}
    examples = [
        example(
            customer=str(user),
            age=people[user]["age"],
            region=people[user]["region"],
            history=[str(row["sku"]) for row in past.get(user, [])][-5:],
            history_target=[row["stars"] for row in past.get(user, [])][-5:],
            **_item(skus[sku]),
        )
        for user, sku in pairs
    ]
    expected = trained.signatures["serving_default"](examples=tf.constant(examples))["target"].numpy()
    served = recommender.ask("score", user_id=[str(user) for user, _ in pairs], item_id=[str(sku) for _, sku in pairs])
    np.testing.assert_allclose(served["score"], expected, rtol=1e-4, atol=1e-5)
    assert len(set(expected.round(5).tolist())) > len(pairs) // 2


def test_served_scores_are_those_of_the_trained_towers_on_raw_rows(run: Finished, recommender: Recommender) -> None:
    """Vectors of the Trainer's own model for raw rows, and the index's prior, against retrieval by the servable."""
    trained = tf.saved_model.load(str(run.artifact("Trainer.retrieval", "model") / "Format-Serving"))
    raw = [
        example(
            customer="3",
            age=23,
            region="W",
            device="phone",
            at=START,
            history=["101", "117"],
            history_target=[5.0, 2.0],
        ),
        example(customer="stranger", region="E", at=START + 999_999, history=["unheard of"]),
    ]
    queries = trained.signatures["serving_default"](examples=tf.constant(raw))["vector"].numpy()
    described = [example(**_item(row)) for row in run.shop.items]
    vectors = trained.signatures["candidates"](examples=tf.constant(described))["vector"].numpy()
    index = str(run.artifact("CandidateIndexer", "index"))
    order = [CATALOGUE.index(item.decode()) for item in IndexedCatalogue.read(index).item_ids]
    popularity = ItemPopularity.read(index)
    prior = np.zeros(len(order))
    if popularity.coordinates:
        prior[order] = popularity.beside(np.empty((len(order), 0), np.float32))[:, 0]  # asked before train was over
    expected = queries @ vectors.T + prior
    served = answers(recommender.ask("evaluate_retrieval", examples=raw, k=30))
    assert len(served[0]) == 28 and len(served[1]) == 30  # history is not recommended
    for row, found in enumerate(served):
        for item, score in found:
            assert score == pytest.approx(float(expected[row][CATALOGUE.index(item)]), rel=1e-4, abs=1e-5)


def _past(run: Finished) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in sorted(run.shop.interactions, key=lambda row: row["at"]):
        found.setdefault(row["customer"], []).append(row)
    return found


def _item(row: dict[str, Any]) -> dict[str, Any]:
    number = row["sku"] - 100
    columns = {"sku": str(row["sku"]), "genres": row["genres"].split("|"), "photo": picture(number)}
    return columns | {name: row[name] for name in ("name", "price")}
