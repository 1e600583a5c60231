"""How loud item-item weights are beside the towers: chosen on the eval split."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from modules.history import Recency
from modules.item_item.choice import ItemItemChoice
from modules.next_item import NextItemRank
from modules.recency_judge import spread_of_best

BEGINNING = Recency(fading=5.0, floor=0.05)
FADES = (Recency(), *(Recency(*pair) for pair in itertools.product((2.0, 5.0, 20.0, 100.0), (0.05, 0.2))))
GRID: Mapping[str, Sequence[Any]] = {
    "weight": (0.2, 0.4, 0.7, 1.0, 1.5, 2.5, 4.0),  # in units of the spread of the towers' best scores
    "recency": FADES,
    "regularisation": (100.0, 250.0, 500.0, 1000.0, 2000.0),
}
_SPREAD_ROWS = 256
Floats = npt.NDArray[np.float32]
Part = tuple[Floats, Floats]


def fit_item_item(
    rank: NextItemRank, queries: Floats, items: Floats, parts: Callable[[ItemItemChoice], Part], in_order: bool
) -> ItemItemChoice | None:
    """The weights of greatest nDCG@10 on eval, one coordinate after the other, how loud they are first and last.

    Args:
        rank: asks the eval split.
        queries, items: [Q, D] and [num_items, D] float32 of the towers.
        parts: [Q, rank] and [num_items, rank] float32 of the weights.
        in_order: whether older items may fade.

    Returns:
        None unless they beat the towers alone by more than the standard error of the difference.
    """
    alone = rank.gains(queries, items)
    if not len(alone):
        return None
    towers = spread_of_best(queries[:_SPREAD_ROWS] @ items.T)

    @functools.lru_cache(maxsize=2)
    def made(regularisation: float, recency: Recency) -> tuple[Floats, Floats, float]:
        """The parts, and how much of them is as loud as the towers."""
        of_queries, of_items = parts(ItemItemChoice(regularisation, recency))
        return of_queries, of_items, towers / spread_of_best(of_queries[:_SPREAD_ROWS] @ of_items.T)

    def gains(choice: ItemItemChoice) -> npt.NDArray[np.float64]:
        of_queries, of_items, level = made(choice.regularisation, choice.recency)
        loud = np.float32(choice.weight * level) * of_queries
        return rank.gains(np.hstack([loud, queries]), np.hstack([of_items, items]))

    best = ItemItemChoice(recency=BEGINNING if in_order else Recency())
    reached = gains(best)
    order = ("weight", "recency", "regularisation", "weight") if in_order else ("weight", "regularisation", "weight")
    for name in order:
        for value in GRID[name]:
            tried = dataclasses.replace(best, **{name: value})
            if tried != best and (found := gains(tried)).mean() > reached.mean():
                best, reached = tried, found
    gain = reached - alone
    if gain.mean() <= gain.std() / len(gain) ** 0.5:
        return None
    _, of_items, level = made(best.regularisation, best.recency)
    # Cosines compare items. They listen to these coordinates as far as the scores do.
    scale = best.weight * _length(items[:, :-1]) / max(_length(of_items), 1e-9)
    return dataclasses.replace(best, weight=best.weight * level, scale=scale)


def _length(vectors: Floats) -> float:
    """Root mean square length of vectors [n, D]."""
    return float(np.sqrt(np.square(vectors, dtype=np.float64).sum(axis=1).mean()))
