"""Item-based nearest neighbours (Sarwar et al., WWW 2001; Deshpande and Karypis, TOIS 2004)."""

from __future__ import annotations

import numpy as np

from benchmarks.baselines.baseline import Scores
from benchmarks.baselines.log import Ints, Log, Matrix


class ItemKnn:
    """Scores an item by the summed cosines to those items of the history that are among its nearest neighbours.

    Args:
        neighbours: how many of its nearest items an item keeps; 0 keeps all.
        shrinkage: added to the denominator of the cosine, so that items with few users are less alike.
    """

    name = "ItemKNN"

    def __init__(self, neighbours: int = 100, shrinkage: float = 0.0) -> None:
        self._neighbours, self._shrinkage = neighbours, shrinkage

    def fit(self, train: Log) -> None:
        """Computes the cosines [taken, taken] of the items that somebody took, and keeps each column's greatest."""
        self._num_items = train.num_items
        self._taken = np.flatnonzero(train.counts())
        matrix = train.matrix()[:, self._taken]
        cosines = np.asarray((matrix.T @ matrix).toarray(), np.float64)
        length = np.sqrt(np.diag(cosines))
        cosines /= np.outer(length, length) + self._shrinkage
        np.fill_diagonal(cosines, 0.0)
        if 0 < self._neighbours < len(cosines):
            least = np.partition(cosines, -self._neighbours, axis=0)[-self._neighbours]
            cosines[cosines < least] = 0.0
        self._cosines = cosines

    def scores(self, histories: Matrix, users: Ints) -> Scores:
        """[Q, num_items] from the histories alone."""
        scores = np.zeros((histories.shape[0], self._num_items))
        scores[:, self._taken] = histories[:, self._taken] @ self._cosines
        return scores
