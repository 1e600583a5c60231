"""The Transform graph against what follows from the gadget shop's rows by hand."""

from __future__ import annotations

import math
import re
import statistics
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from modules.preprocessing import _few_digits
from modules.roles import HISTORY, HISTORY_TARGET, WEIGHT
from tests import gadgets
from tests.gadget_run import GadgetRun
from tests.modules.examples import example

Apply = Callable[..., dict[str, npt.NDArray[Any]]]
TRAIN = gadgets.of_split("train")
ITEMS = {row["item_id"]: row for row in gadgets.items()}
USERS = {row["user_id"]: row for row in gadgets.users()}


@pytest.fixture(scope="module")
def apply(gadgets_run: GadgetRun) -> Apply:
    """Transforms rows given as columns."""

    def apply(*rows: Mapping[str, Any]) -> dict[str, npt.NDArray[Any]]:
        names = sorted({name for row in rows for name in row})
        raw = gadgets_run.graph.parse(tf.constant([example(row) for row in rows]), names)
        return {name: value.numpy() for name, value in gadgets_run.graph(raw).items()}

    return apply


def _of_items(column: str) -> list[Any]:
    """A column as train's interactions see it: once for each time that its item was taken."""
    return [ITEMS[row["item_id"]][column] for row in TRAIN]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("user_id", [row["user_id"] for row in TRAIN]),
        ("item_id", [row["item_id"] for row in TRAIN]),
        ("device", [row["device"] for row in TRAIN if row["device"]]),
        ("city", [USERS[u]["city"] for row in TRAIN if (u := row["user_id"]) in USERS and USERS[u]["city"]]),
        ("genres", [genre for genres in _of_items("genres") for genre in genres]),
        ("shelf", [str(shelf) for shelf in _of_items("shelf") if shelf is not None]),
        ("title", [word for title in _of_items("title") if title for word in re.findall("[a-z0-9]+", title.lower())]),
    ],
)
def test_vocabularies_are_those_of_train(gadgets_run: GadgetRun, column: str, values: list[str]) -> None:
    counts = Counter(values)
    found = [value.decode() for value in gadgets_run.graph.vocabulary(column)]
    assert gadgets_run.graph.vocabulary_size(column) == len(found)
    assert set(found) == set(counts)
    assert [counts[value] for value in found] == sorted(counts.values(), reverse=True)  # frequent ones first


def test_what_only_eval_has_is_unknown(gadgets_run: GadgetRun, apply: Apply) -> None:
    found = apply({"user_id": "u28", "item_id": "i23", "device": "watch", "genres": ["noir"], "city": "oslo"})
    size = gadgets_run.graph.vocabulary_size
    for column in ("user_id", "item_id", "device"):
        assert found[column].tolist() == [size(column)]
    assert found["genres"][0].tolist() == [size("genres"), *[-1] * 19]
    assert found["city"].tolist() == [gadgets_run.graph.vocabulary("city").index(b"oslo")]


def test_missing_values(apply: Apply) -> None:
    found = apply(dict.fromkeys(["user_id", "item_id", "device", "city", "genres", "shelf", "title", "price", "sizes",
                                 "cover", "nothing", "blank", "time", HISTORY, HISTORY_TARGET]))  # fmt: skip
    for column in ("user_id", "item_id", "device", "city", "shelf", "blank"):
        assert found[column].tolist() == [-1], column
    for column, width in (("genres", 20), ("title", 40), (HISTORY, 0), (HISTORY_TARGET, 0)):
        assert found[column].tolist() == [[-1] * width], column
    for column in ("price", "sizes", "nothing"):
        assert found[column].tolist() == [0.0], column
    assert not found["cover"].any() and not found["time_features"].any()


def test_a_column_that_train_never_filled(apply: Apply) -> None:
    found = apply({"nothing": 5.0, "blank": "x"})
    assert found["nothing"].tolist() == [0.0]  # nothing is known of its mean or its spread
    assert found["blank"].tolist() == [1]  # unknown: TFT gives an empty vocabulary one entry that nothing equals


def test_lists_are_padded_and_cut(gadgets_run: GadgetRun, apply: Apply) -> None:
    genre = {name.decode(): index for index, name in enumerate(gadgets_run.graph.vocabulary("genres"))}
    found = apply({"genres": ["long", "drama"]}, {"genres": ["action"] * 30}, {"genres": []})["genres"]
    assert found.tolist() == [[genre["long"], genre["drama"], *[-1] * 18], [genre["action"]] * 20, [-1] * 20]


def test_text_is_split_into_words(gadgets_run: GadgetRun, apply: Apply) -> None:
    word = {name.decode(): index for index, name in enumerate(gadgets_run.graph.vocabulary("title"))}
    unknown = len(word)
    found = apply({"title": "  BLUE-red, Größe (No. 3)"}, {"title": "red " * 50}, {"title": "!?"})["title"]
    assert found[0].tolist() == [word["blue"], word["red"], unknown, word["no"], word["3"], *[-1] * 35]
    assert found[1].tolist() == [word["red"]] * 40 and found[2].tolist() == [-1] * 40


def test_numbers_are_standardised(apply: Apply) -> None:
    prices = [price for price in _of_items("price") if price is not None]
    mean, deviation = statistics.fmean(prices), statistics.pstdev(prices)
    found = apply({"price": 3.5}, {"price": 1e6}, {"price": -1e6}, {"price": None}, {"price": mean})["price"]
    np.testing.assert_allclose(found, [(3.5 - mean) / deviation, 5, -5, 0, 0], atol=2e-4)


def test_a_list_of_numbers_is_its_mean(apply: Apply) -> None:
    sizes = [size for cell in _of_items("sizes") for size in cell]
    mean, deviation = statistics.fmean(sizes), statistics.pstdev(sizes)
    found = apply({"sizes": [3, 5, 10]}, {"sizes": []}, {"sizes": [9]})["sizes"]
    np.testing.assert_allclose(found, [(6 - mean) / deviation, 0, (9 - mean) / deviation], atol=2e-4)


def test_images(apply: Apply) -> None:
    found = apply(
        {"cover": gadgets.png((255, 0, 51), 40, 30)}, {"cover": None}, {"cover": gadgets.png((0, 255, 0), 1, 1)}
    )
    assert found["cover"].shape == (3, 16, 16, 3)
    np.testing.assert_allclose(found["cover"][0], np.broadcast_to([1.0, 0.0, 0.2], (16, 16, 3)), atol=1e-6)
    assert not found["cover"][1].any()
    np.testing.assert_allclose(found["cover"][2], np.broadcast_to([0.0, 1.0, 0.0], (16, 16, 3)), atol=1e-6)


def test_time_on_the_circle(apply: Apply) -> None:
    day, week = 86_400, 7 * 86_400
    found = apply({"time": 0}, {"time": day // 4}, {"time": 10 * week + week // 2}, {"time": None})["time_features"]
    quarter, of_week = 2 * math.pi / 4, 2 * math.pi / 28
    expected: list[list[float]] = [
        [0, 1, 0, 1],
        [math.sin(quarter), math.cos(quarter), math.sin(of_week), math.cos(of_week)],
        [0, -1, 0, -1],  # three and a half days after a midnight
        [0, 0, 0, 0],
    ]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_history(gadgets_run: GadgetRun, apply: Apply) -> None:
    index = {name.decode(): place for place, name in enumerate(gadgets_run.graph.vocabulary("item_id"))}
    found = apply(
        {HISTORY: ["i04", "i23", "never heard of"], HISTORY_TARGET: [2.0, 5.0, math.nan]},
        {HISTORY: ["i05"], HISTORY_TARGET: [1.0]},
    )
    assert found[HISTORY].tolist() == [[index["i04"], len(index), len(index)], [index["i05"], -1, -1]]
    np.testing.assert_array_equal(
        found[HISTORY_TARGET], np.array([[2, 5, math.nan], [1, math.nan, math.nan]], np.float32)
    )


def test_target_and_weight_are_left_alone(apply: Apply) -> None:
    found = apply({"stars": 4.5, WEIGHT: 0.25}, {"stars": 1.0, WEIGHT: 0.0})
    assert found["stars"].tolist() == [4.5, 1.0] and found[WEIGHT].tolist() == [0.25, 0.0]


def test_a_part_of_the_columns_gives_a_part_of_the_outputs(apply: Apply) -> None:
    item = {name: value for name, value in gadgets.items()[3].items() if name != "item_id"}
    alone, beside = apply(item), apply(item | {"user_id": "u01", "age": 30, "time": 5})
    assert set(alone) == set(item) and set(beside) == {*item, "user_id", "age", "time_features"}
    for column, value in alone.items():
        np.testing.assert_array_equal(value, beside[column])


@given(st.floats(1e-20, 1e20), st.sampled_from([-1.0, 1.0]))
def test_few_digits(value: float, sign: float) -> None:
    value *= sign
    rounded = float(_few_digits(tf.constant(value, tf.float32)))
    assert rounded == pytest.approx(value, rel=6e-5)
    assert float(_few_digits(tf.constant(value * (1 + 1e-7), tf.float32))) == pytest.approx(rounded, rel=1.01e-4)


def test_few_digits_of_plain_numbers() -> None:
    found = _few_digits(tf.constant([123456.0, -0.00123456, 3.0, 0.0, 99999.6]))
    np.testing.assert_allclose(found, [123460.0, -0.0012346, 3.0, 0.0, 100000.0], rtol=1e-6)
