"""What most people took."""

from __future__ import annotations

import numpy as np

from benchmarks.baselines.baseline import Scores
from benchmarks.baselines.log import Ints, Log, Matrix


class Popularity:
    """Scores an item by its interactions."""

    name = "popularity"

    def fit(self, train: Log) -> None:
        """Counts."""
        self._counts = train.counts().astype(np.float64)

    def scores(self, histories: Matrix, users: Ints) -> Scores:
        """[Q, num_items], the same in every row."""
        return np.broadcast_to(self._counts, (histories.shape[0], len(self._counts)))
