"""The serving graph against the same thing written down plainly in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from modules.serving.ragged_table import RaggedArray
from modules.serving.rules import Rules
from modules.serving.servable import Blend
from modules.serving.signatures import signatures
from tests.modules.serving.shop import HISTORY_LENGTH, Shop, example

SIZE = 300
BLEND = Blend(1.0, 0.5, 2.0)
DENIED, PINNED = ["i5", "i6", "nobody"], ["i7", "i5", "unheard of", "i3"]
RANDOM = np.random.default_rng(1)
HISTORIES: list[list[int]] = [
    [],
    [4],
    [7, 8, 9, 10],
    RANDOM.permutation(SIZE)[: SIZE - 3].tolist(),  # only three left
    list(range(SIZE)),  # nothing left
    *[RANDOM.integers(0, SIZE, 40).tolist() for _ in range(3)],
]

Call = Callable[..., dict[str, NDArray[Any]]]
Signatures = dict[str, Call]


def callable_signatures(servable: Any) -> Signatures:
    """The signatures as functions of lists, giving arrays."""

    def wrap(function: Any) -> Call:
        dtypes = {spec.name: spec.dtype for spec in function.structured_input_signature[1].values()}
        dtypes |= {spec.name: spec.dtype for spec in function.structured_input_signature[0]}

        def call(**inputs: Any) -> dict[str, NDArray[Any]]:
            fed = {name: tf.constant(value, dtypes[name]) for name, value in inputs.items()}
            return {name: value.numpy() for name, value in function(**fed).items()}

        return call

    return {name: wrap(function) for name, function in signatures(servable).items()}


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(SIZE, HISTORIES)


@pytest.fixture(scope="module")
def plain(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Signatures:
    """Three-part blend, a ranker that gets 20 candidates, no rules."""
    return callable_signatures(shop.servable(tmp_path_factory.mktemp("plain"), BLEND, retrieve_k=20))


@pytest.fixture(scope="module")
def ruled(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Signatures:
    """Denied and pinned items, a cap, and diversity."""
    rules = Rules(tuple(DENIED), tuple(PINNED), {"genre": 2})
    return callable_signatures(
        shop.servable(tmp_path_factory.mktemp("ruled"), BLEND, rules, retrieve_k=20, diversity=0.3)
    )


def position(one: str) -> int | None:
    number = one.removeprefix("i")
    return int(number) if one.startswith("i") and number.isdecimal() and int(number) < SIZE else None


class Oracle:
    """What a request must be answered with."""

    def __init__(self, shop: Shop, user: str, history: list[str], exclude: list[str]) -> None:
        number = int(user[1:]) if user in [f"u{n}" for n in range(len(shop.histories))] else None
        given = [one for one in history if one]
        stored = [] if number is None else shop.histories[number]
        known = [position(one) for one in given] if given else list(stored)
        self.blocked = {one for one in known if one is not None}
        self.blocked |= {p for one in exclude if (p := position(one)) is not None}
        self.shop = shop
        self.query = np.array([number or 0, 0, 0], np.float32)
        for one in known[-HISTORY_LENGTH:]:
            self.query += shop.vectors[SIZE if one is None else one]
        self.rated = 0.0
        if number is not None and not given and shop.users.history_target:
            splits = shop.users.history_target.row_splits
            row = shop.users.history_target.values[splits[number] : splits[number + 1]]
            self.rated = float(np.nansum(row[-HISTORY_LENGTH:]))

    def eligible(self) -> list[int]:
        return [one for one in range(SIZE) if one not in self.blocked]

    def retrieval(self, one: int) -> float:
        return float(self.shop.vectors[one] @ self.query)

    def score(self, one: int) -> float:
        first, second = self.shop.encodings[one]
        retrieval = self.retrieval(one)
        return float(retrieval + 0.5 * (2 * retrieval + first) + 2 * (self.rated + second))

    def retrieved(self, k: int) -> list[int]:
        return sorted(self.eligible(), key=lambda one: (-self.retrieval(one), one))[:k]

    def recommended(self, k: int) -> list[int]:
        return sorted(self.retrieved(max(20, k)), key=lambda one: -self.score(one))[:k]  # stable


item = st.one_of(st.integers(0, SIZE + 5).map(lambda n: f"i{n}"), st.sampled_from(["", "x", "ü,"]))
user = st.one_of(st.integers(0, len(HISTORIES)).map(lambda n: f"u{n}"), st.sampled_from(["", "nobody"]))
request_row = st.tuples(
    user,
    st.one_of(st.just([""] * 8), st.lists(item, min_size=8, max_size=8)),
    st.lists(item, min_size=4, max_size=4),
)
requests = st.lists(request_row, min_size=1, max_size=4)
ks = st.sampled_from([0, 1, 2, 5, 20, 21, 150, SIZE, SIZE + 7])


def ask(call: Call, rows: list[tuple[str, list[str], list[str]]], k: int) -> dict[str, NDArray[Any]]:
    users, *lists = zip(*rows, strict=True)
    history, exclude = ([[*one, *[""] * (max(map(len, column)) - len(one))] for one in column] for column in lists)
    return call(user_id=users, history=history, exclude=exclude, k=k)


def expect(answer: dict[str, NDArray[Any]], row: int, items: list[int], scores: list[float], k: int) -> None:
    pads = k - len(items)
    ids = [f"i{one}".encode() for one in items]
    assert answer["item_id"][row].tolist() == ids + [b""] * pads
    assert answer["title"][row].tolist() == [b"Title " + one for one in ids] + [b""] * pads
    assert answer["score"][row].tolist() == [*scores, *[0.0] * pads]


@given(requests, ks)
def test_recommend(shop: Shop, plain: Signatures, rows: list[Any], k: int) -> None:
    answer = ask(plain["recommend"], rows, k)
    for number, row in enumerate(rows):
        oracle = Oracle(shop, *row)
        items = oracle.recommended(k)
        assert len(items) == min(k, len(oracle.eligible()))
        expect(answer, number, items, [oracle.score(one) for one in items], k)


@given(requests, ks)
def test_retrieval(shop: Shop, plain: Signatures, rows: list[Any], k: int) -> None:
    answer = ask(plain["retrieval"], rows, k)
    for number, row in enumerate(rows):
        oracle = Oracle(shop, *row)
        items = oracle.retrieved(k)
        expect(answer, number, items, [oracle.retrieval(one) for one in items], k)


@given(requests, ks)
def test_rules_and_diversity(shop: Shop, ruled: Signatures, rows: list[Any], k: int) -> None:
    answer = ask(ruled["recommend"], rows, k)
    for number, row in enumerate(rows):
        eligible = set(Oracle(shop, *row).eligible()) - {5, 6}
        items = [int(one[1:]) for one in answer["item_id"][number] if one]
        assert len(items) == len(set(items)) == min(k, len(eligible))
        assert set(items) <= eligible
        pins = [one for one in (7, 3) if one in eligible][:k]
        assert items[: len(pins)] == pins
        oracle = Oracle(shop, *row)
        scores = [oracle.score(one) for one in items]
        assert answer["score"][number].tolist() == scores + [0.0] * (k - len(items))


def test_pins_and_cap_by_hand(shop: Shop, tmp_path: Any) -> None:
    rules = Rules(pin=("i7", "i3"), cap={"genre": 2})
    recommend = callable_signatures(shop.servable(tmp_path, Blend(), rules))["recommend"]
    answer = recommend(user_id=["u1"], history=[[""]], exclude=[[""]], k=8)
    oracle = Oracle(shop, "u1", [], [])
    expected, counts = [7, 3], dict.fromkeys([b"a", b"b", b"c"], 0)
    for one in [7, 3]:
        for genre in shop.genres[one]:
            counts[genre] += 1
    for one in [one for one in oracle.retrieved(200) if one not in (3, 7)]:
        if len(expected) < 8 and all(counts[genre] < 2 for genre in shop.genres[one]):
            expected.append(one)
            for genre in shop.genres[one]:
                counts[genre] += 1
    assert len(expected) == 8
    expect(answer, 0, expected, [oracle.retrieval(one) for one in expected], 8)


def test_cap_reaches_beyond_the_nearest_items(tmp_path: Any) -> None:
    """The ranker gets 2 items, all of genre a; b, c and d come 20th, 25th and last."""
    shop = Shop(30, [[], [29], [19, 29]])
    shop.vectors[:, 0], shop.vectors[:, 1:] = range(31, 0, -1), 0
    genres = [b"a"] * 30
    genres[19], genres[24], genres[29] = b"b", b"c", b"d"
    shop.catalogue.categories["genre"] = RaggedArray.from_rows([[genre] for genre in genres], object)
    servable = shop.servable(tmp_path, Blend(1, 0, 1), Rules(cap={"genre": 1}), retrieve_k=2)
    recommend = callable_signatures(servable)["recommend"]
    rows: list[Any] = [("u0", ["i3"], [""]), ("u1", [""], [""]), ("u2", [""], ["i0"]), ("u0", ["i3"], ["i19", "i29"])]
    left = [{0, 19, 24, 29}, {0, 19, 24}, {1, 24}, {0, 24}]  # the nearest of each genre that is not blocked
    for k in (1, 2, 3, 4, 6):
        answer = ask(recommend, rows, k)
        for number, row in enumerate(rows):
            items = [int(one[1:]) for one in answer["item_id"][number]]
            assert len(set(items)) == k
            keeping = min(k, len(left[number]))
            assert len({genres[one] for one in items[:keeping]}) == keeping
            assert all(genres[one] == b"a" for one in items[keeping:])
            if keeping == len(left[number]):
                assert set(items[:keeping]) >= left[number] - {0, 1}
            assert ask(recommend, [row], k)["item_id"][0].tolist() == answer["item_id"][number].tolist()


@pytest.mark.parametrize("name", ["recommend", "retrieval"])
@pytest.mark.parametrize("kind", ["plain", "ruled"])
def test_batch_equals_rows(request: pytest.FixtureRequest, kind: str, name: str) -> None:
    call = request.getfixturevalue(kind)[name]
    rows: list[Any] = [
        (f"u{number}", ["", f"i{number}"] if number % 2 else ["", ""], ["i1", ""]) for number in range(9)
    ]
    together = ask(call, rows, 12)
    for number, row in enumerate(rows):
        for output, value in ask(call, [row], 12).items():
            assert value[0].tolist() == together[output][number].tolist()


def test_empty_batch_and_no_lists(plain: Signatures) -> None:
    empty = plain["recommend"](user_id=[], history=np.zeros([0, 0], str), exclude=np.zeros([0, 3], str), k=4)
    assert empty["item_id"].shape == (0, 4)
    none = plain["recommend"](user_id=["u1"], history=[[]], exclude=[[]], k=4)
    assert none["item_id"].tolist() == ask(plain["recommend"], [("u1", [""], [""])], 4)["item_id"].tolist()


def test_negative_k(plain: Signatures) -> None:
    for name in ("recommend", "retrieval"):
        assert ask(plain[name], [("u1", [""], [""])], -3)["item_id"].shape == (1, 0)
    assert plain["similar_items"](item_id=["i1"], k=-3)["score"].shape == (1, 0)


def test_serving_default_is_the_top_ten(plain: Signatures) -> None:
    users = ["u2", "nobody", "u4"]
    answer = plain["serving_default"](user_id=users)
    same = ask(plain["recommend"], [(one, [""], [""]) for one in users], 10)
    assert answer["item_id"].tolist() == same["item_id"].tolist()
    assert answer["item_id"].shape == (3, 10)


def test_similar_items(shop: Shop, plain: Signatures, ruled: Signatures) -> None:
    vectors = shop.vectors[:SIZE, :-1]  # without the bias
    lengths = np.linalg.norm(vectors, axis=1)
    cosines = np.divide(vectors @ vectors[9], lengths * lengths[9], out=np.zeros(SIZE), where=lengths > 0)
    answer = plain["similar_items"](item_id=["i9", "nothing", ""], k=SIZE)
    ids = answer["item_id"].tolist()
    assert sorted(ids[0]) == sorted([one for one in shop.item_ids if one != b"i9"] + [b""])
    found = [int(one[1:]) for one in ids[0][:-1]]
    np.testing.assert_allclose(answer["score"][0][:-1], cosines[found], atol=1e-6)
    np.testing.assert_allclose(answer["score"][0][:-1], np.sort(np.delete(cosines, 9))[::-1], atol=1e-6)
    assert ids[1:] == [[b""] * SIZE] * 2
    assert answer["score"][1:].tolist() == [[0.0] * SIZE] * 2
    assert not {b"i5", b"i6"} & set(ruled["similar_items"](item_id=["i9"], k=SIZE)["item_id"][0])


def test_items_like(shop: Shop, plain: Signatures, ruled: Signatures) -> None:
    asked = [example(colour=["red"]), example(colour=["blue", "red"], item=["new"]), example()]
    answer = plain["items_like"](examples=asked, k=7)
    vectors = shop.vectors[:SIZE, :-1]  # blue is the bias
    lengths = np.maximum(np.linalg.norm(vectors, axis=1), 1e-9)
    for row, wanted in enumerate([[1, 0], [1, 0], [0, 0]]):
        cosines = vectors @ np.array(wanted) / lengths / max(float(np.linalg.norm(wanted)), 1e-9)
        np.testing.assert_allclose(answer["score"][row], np.sort(cosines)[::-1][:7], atol=1e-6)
        found = [int(one[1:]) for one in answer["item_id"][row]]
        assert len(set(found)) == 7
        np.testing.assert_allclose(answer["score"][row], cosines[found], atol=1e-6)
    assert not {b"i5", b"i6"} & set(ruled["items_like"](examples=asked, k=SIZE)["item_id"].ravel())


def test_score_is_the_target(shop: Shop, plain: Signatures) -> None:
    answer = plain["score"](user_id=["u2", "u2", "nobody", "u0"], item_id=["i1", "nothing", "i1", ""])
    rated = Oracle(shop, "u2", [], []).rated
    second = shop.encodings[:, 1]
    assert answer["score"].tolist() == [rated + second[1], rated + second[SIZE], second[1], second[SIZE]]


def test_without_a_target(shop: Shop, tmp_path: Any) -> None:
    calls = callable_signatures(shop.servable(tmp_path, Blend(1, 1, 0), with_target=False, items_like=False))
    evaluation = {"evaluate", "evaluate_retrieval"}
    asked = {"serving_default", "recommend", "retrieval", "similar_items", "score", "serve_examples"}
    assert set(calls) == asked | evaluation
    oracle = Oracle(shop, "u2", [], [])
    expected = 3 * oracle.retrieval(11) + shop.encodings[11, 0]
    assert calls["score"](user_id=["u2"], item_id=["i11"])["score"].tolist() == [expected]


def test_serve_examples(shop: Shop, plain: Signatures) -> None:
    answer = plain["serve_examples"](
        examples=[
            example(user=["u2"]),  # all from the tables
            example(user=["u2"], history=["i20", "", "x"]),  # another history
            example(age=[2], history=[f"i{n}" for n in HISTORIES[2]]),  # a stranger with the same columns
            example(user=["u2"], age=[5]),  # another age
            example(user=["u2"], device=["phone"]),  # context
            example(),
        ]
    )
    rows: list[Any] = [("u2", [""], [""]), ("u2", ["i20", "", "x"], [""]), ("", [""], [""])]
    same = ask(plain["recommend"], rows, 10)
    for row, other in ((0, 0), (1, 1), (5, 2)):
        assert answer["item_id"][row].tolist() == same["item_id"][other].tolist()
    stranger = Oracle(shop, "u2", [], [])
    stranger.rated = 0.0  # what a history in a request was rated is not known
    expect(answer, 2, items := stranger.recommended(10), [stranger.score(one) for one in items], 10)
    for row, change in ((3, [3, 0, 0]), (4, [0, 0, 1])):
        oracle = Oracle(shop, "u2", [], [])
        oracle.query += np.array(change, np.float32)
        expect(answer, row, items := oracle.recommended(10), [oracle.score(one) for one in items], 10)


def test_targets_of_a_history_in_an_example(shop: Shop, plain: Signatures) -> None:
    ids = [f"i{n}" for n in HISTORIES[2]]
    for targets, rated in (([1.0, 2.0, 3.0, 4.0], 9.0), ([9.0, 2.0], 2.0), ([1.0, 2.0, 3.0, 4.0, 5.0], 9.0)):
        oracle = Oracle(shop, "u2", [], [])
        oracle.rated = rated  # of the last three
        answer = plain["serve_examples"](examples=[example(user=["u2"], history=ids, history_target=targets)])
        expect(answer, 0, items := oracle.recommended(10), [oracle.score(one) for one in items], 10)


def test_a_shop_without_users_or_ranker(tmp_path: Any) -> None:
    shop = Shop(3, [])
    calls = callable_signatures(shop.servable(tmp_path))
    answer = calls["recommend"](user_id=["u0"], history=[["i1"]], exclude=[["i0"]], k=5)
    assert answer["item_id"].tolist() == [[b"i2", b"", b"", b"", b""]]
    assert answer["score"].tolist() == [[float(shop.vectors[1] @ shop.vectors[2]), 0, 0, 0, 0]]
