"""What single columns tell of the answer."""

from __future__ import annotations

import numpy as np
import pytest

from components.evaluation.leaks import strongest, told_of_item, told_of_number


def texts(*values: str | None) -> np.ndarray:  # type: ignore[type-arg]
    return np.array(values, object)


def test_a_number_by_hand() -> None:
    # a means 2 and b means 5; held out: 1, 3 and 5, whose mean is 3 and whose squares about it sum up to 8.
    found = told_of_number(texts("a", "a", "b"), np.array([1.0, 3, 5]), texts("a", "a", "b"), np.array([1.0, 3, 5]))
    assert found == pytest.approx(1 - (1 + 1 + 0) / 8)


def test_what_train_does_not_know_is_told_by_the_mean() -> None:
    found = told_of_number(texts("a", "b"), np.array([0.0, 4]), texts("c", "d"), np.array([1.0, 3]))
    assert found == 0.0  # 2 for both: no better than the mean


@pytest.mark.parametrize("scale", [1.0, -3.5])
def test_a_copy_of_the_target_is_found_whatever_its_form(scale: float) -> None:
    generator = np.random.default_rng(0)
    target = generator.integers(1, 6, 3000).astype(float)
    kept, held = slice(0, 2000), slice(2000, None)
    noisy = scale * target + generator.normal(0, 0.05, 3000)
    spelled = np.array([f"{value:g} stars" for value in target], object)
    for column in (scale * target, noisy, spelled):
        assert told_of_number(column[kept], target[kept], column[held], target[held]) > 0.97
    honest = target + generator.normal(0, 1.5, 3000)
    assert 0.2 < told_of_number(honest[kept], target[kept], honest[held], target[held]) < 0.7
    noise = generator.normal(0, 1, 3000)
    assert told_of_number(noise[kept], target[kept], noise[held], target[held]) < 0.1


def test_cells_without_a_value() -> None:
    column, target = np.array([np.nan, 1.0, np.nan, 2.0]), np.array([5.0, 1, 5, 2])
    assert told_of_number(column, target, column, target) == 1.0  # that there is none tells something, too
    assert told_of_number(column, np.array([5.0, np.nan, 5, 2]), column, target) < 1.0


def test_nothing_to_tell() -> None:
    nothing = np.empty(0)
    assert told_of_number(texts("a"), np.array([1.0]), texts("a"), np.array([1.0])) == 0.0
    assert told_of_number(texts("a"), np.array([1.0]), nothing, nothing) == 0.0
    assert told_of_item(texts("a"), texts("x"), texts(), texts()) == 0.0
    assert told_of_item(texts("a"), texts("x"), texts("a"), texts("x")) == 0.0  # there is no other item


def test_an_item_by_hand() -> None:
    # a → x, b → y; x is the most frequent one. Held out: a x (right either way), b y (right by b only), a y (wrong).
    train, items = texts("a", "a", "a", "b", "b"), texts("x", "x", "y", "y", None)
    items[4] = "y"
    found = told_of_item(train, texts("x", "x", "x", "y", "y"), texts("a", "b", "a"), texts("x", "y", "y"))
    assert found == pytest.approx((2 / 3 - 1 / 3) / (1 - 1 / 3))


def test_a_column_that_holds_the_item() -> None:
    generator = np.random.default_rng(1)
    items = np.array([f"i{n}" for n in generator.integers(50, size=4000)], object)
    kept, held = slice(0, 3000), slice(3000, None)
    assert told_of_item(items[kept], items[kept], items[held], items[held]) == 1.0
    device = np.array([f"d{n}" for n in generator.integers(3, size=4000)], object)
    assert told_of_item(device[kept], items[kept], device[held], items[held]) < 0.05


def test_the_most_telling_column_comes_first() -> None:
    assert list(strongest({"a": [0.1, 0.2], "b": [0.9, 0.0], "c": []}).items()) == [("b", 0.9), ("a", 0.2)]
