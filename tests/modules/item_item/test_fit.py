"""Eval decides whether item-item weights stand beside the towers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from modules.history import Recency
from modules.item_item.choice import ItemItemChoice
from modules.item_item.fit import fit_item_item

RNG = np.random.default_rng(2)
QUERIES, ITEMS = 400, 50
WANTED = RNG.integers(0, ITEMS, QUERIES)
Floats = npt.NDArray[np.float32]
NOISE, NAMES = RNG.normal(size=(QUERIES, 8)).astype(np.float32), RNG.normal(size=(ITEMS, 9)).astype(np.float32)
BIASED = np.hstack([NOISE, np.ones((QUERIES, 1), np.float32)])


class _Rank:
    """Gains as the rank of the item that is wanted has them."""

    def gains(self, queries: Floats, items: Floats) -> npt.NDArray[np.float64]:
        scores = queries @ items.T
        ranks = np.sum(scores > scores[np.arange(QUERIES), WANTED][:, None], axis=1)
        return np.where(ranks < 10, 1 / np.log2(ranks + 2), 0.0)


class _Nothing:
    def gains(self, queries: Floats, items: Floats) -> npt.NDArray[np.float64]:
        return np.zeros(0)


def _fit(rank: Any, parts: Any, in_order: bool = False) -> ItemItemChoice | None:
    return fit_item_item(rank, BIASED, NAMES, parts, in_order)


def test_what_helps_is_taken_in_its_own_units() -> None:
    def parts(choice: ItemItemChoice) -> tuple[Floats, Floats]:
        return np.eye(ITEMS, dtype=np.float32)[WANTED], 1000 * np.eye(ITEMS, dtype=np.float32)

    found = _fit(_Rank(), parts)
    assert found is not None and found.recency == Recency()
    queries, items = parts(found)
    with_weights = _Rank().gains(
        np.hstack([found.weight * queries, BIASED]).astype(np.float32), np.hstack([items, NAMES]).astype(np.float32)
    )
    assert with_weights.mean() > 0.95 > 0.3 > _Rank().gains(BIASED, NAMES).mean()


def test_noise_is_left_out() -> None:
    def parts(choice: ItemItemChoice) -> tuple[Floats, Floats]:
        return np.zeros((QUERIES, 2), np.float32), np.zeros((ITEMS, 2), np.float32)

    assert _fit(_Rank(), parts) is None


def test_recency_is_chosen_where_there_is_an_order() -> None:
    def parts(choice: ItemItemChoice) -> tuple[Floats, Floats]:
        part = np.eye(ITEMS, dtype=np.float32)[WANTED]
        return part if choice.recency == Recency(20.0, 0.2) else 0 * part, np.eye(ITEMS, dtype=np.float32)

    found = _fit(_Rank(), parts, in_order=True)
    assert found is not None and found.recency == Recency(20.0, 0.2)
    assert _fit(_Rank(), parts) is None


def test_nothing_to_choose_by() -> None:
    nothing = np.zeros((0, 2), np.float32), np.zeros((ITEMS, 2), np.float32)
    assert _fit(_Nothing(), lambda _: nothing) is None
