"""The closed form of item-item weights, against EASE's own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.item_item import spectrum as module
from modules.item_item.spectrum import ItemSpectrum
from modules.user_sequences import UserSequences


def _sets(taken: npt.NDArray[np.bool_]) -> UserSequences:
    users, items = np.nonzero(taken)
    nothing = np.zeros(len(users), np.int64)
    return UserSequences.of(users, items, nothing, np.ones(len(users), np.float32)).distinct_positives()


def _ease(taken: npt.NDArray[np.bool_], regularisation: float) -> npt.NDArray[np.float64]:
    matrix = taken.astype(float)
    inverse = np.linalg.inv(matrix.T @ matrix + regularisation * np.eye(taken.shape[1]))
    return -inverse / np.diag(inverse)


def test_two_users_and_two_items() -> None:
    """One took both items and one the first alone: (XᵀX + I)⁻¹ is [[2, -1], [-1, 3]] / 5."""
    found = ItemSpectrum.of(_sets(np.array([[True, True], [True, False]])), 2)
    shown, wanted = found.weights(1.0)
    assert shown[0] @ wanted[1] == pytest.approx(1 / 3)
    assert shown[1] @ wanted[0] == pytest.approx(1 / 2)
    assert found.takers.tolist() == [2, 1]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.5, 10.0, 300.0]))
def test_what_one_item_says_of_another(seed: int, regularisation: float) -> None:
    """As many singular values as there are give all weights between two items, also of items that nobody took."""
    rng = np.random.default_rng(seed)
    taken = rng.random((12, 9)) < rng.uniform(0.1, 0.9)
    taken[0, 0], taken[:, 8] = True, False
    shown, wanted = ItemSpectrum.of(_sets(taken), 9).weights(regularisation)
    others = ~np.eye(9, dtype=bool)
    np.testing.assert_allclose((shown @ wanted.T)[others], _ease(taken, regularisation)[others], atol=1e-4)


def test_the_greatest_part_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large matrix only the greatest singular values are sought, and they are the same."""
    taken = np.random.default_rng(1).random((80, 60)) < 0.2
    whole = ItemSpectrum.of(_sets(taken), 60)
    monkeypatch.setattr(module, "MOST", 20)
    monkeypatch.setattr(module, "_DENSE", 10)
    part = ItemSpectrum.of(_sets(taken), 60)
    assert part.directions.shape == (60, 20)
    np.testing.assert_allclose(part.values, whole.values[:20], rtol=1e-4)
    alike = np.abs(np.sum(part.directions * whole.directions[:, :20], axis=0))
    np.testing.assert_allclose(alike, 1, atol=1e-3)
