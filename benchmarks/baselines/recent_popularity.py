"""What most people took lately."""

from __future__ import annotations

import math

import numpy as np

from benchmarks.baselines.baseline import Scores
from benchmarks.baselines.log import Ints, Log, Matrix

NEWEST_SHARE = 0.02


class RecentPopularity:
    """Scores an item by its interactions among the newest 2 %, and equal ones by all their interactions."""

    name = "recent popularity"

    def fit(self, train: Log) -> None:
        """Counts.

        Raises:
            ValueError: the log does not say when.
        """
        if train.moments is None:
            raise ValueError("recent popularity needs a log with moments")
        newest = np.argsort(train.moments, kind="stable")[-math.ceil(NEWEST_SHARE * len(train.items)) :]
        overall = train.counts()
        self._scores = train.rows(newest).counts() + overall / (overall.max() + 1.0)

    def scores(self, histories: Matrix, users: Ints) -> Scores:
        """[Q, num_items], the same in every row."""
        return np.broadcast_to(self._scores, (histories.shape[0], len(self._scores)))
