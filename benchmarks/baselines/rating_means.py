"""The plainest prediction of a rating: what the item gets on average, and how strict the user is."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.baselines.log import Ints, Log


class RatingMeans:
    """Mean + item's deviation from it + user's deviation from both, each shrunk to 0.

    Args:
        shrinkage: as many ratings of deviation 0 are added to those of each item and user.
        low, high: the scale; predictions are cut to it.
    """

    name = "item and user means"

    def __init__(self, shrinkage: float = 5.0, low: float = 1.0, high: float = 5.0) -> None:
        self._shrinkage, self._low, self._high = shrinkage, low, high

    def fit(self, train: Log, ratings: npt.NDArray[np.floating[Any]]) -> None:
        """Averages ratings [n] of the interactions of `train`."""
        self._mean = float(np.mean(ratings))
        rest = ratings - self._mean
        self._items = self._deviations(train.items, rest, train.num_items)
        self._users = self._deviations(train.users, rest - self._items[train.items], train.num_users)

    def predict(self, users: Ints, items: Ints) -> npt.NDArray[np.float64]:
        """[n] ratings of pairs."""
        return np.clip(self._mean + self._items[items] + self._users[users], self._low, self._high)

    def _deviations(self, groups: Ints, values: npt.NDArray[np.floating[Any]], count: int) -> npt.NDArray[np.float64]:
        sums = np.bincount(groups, weights=values, minlength=count)
        return np.asarray(sums / (np.bincount(groups, minlength=count) + self._shrinkage))
