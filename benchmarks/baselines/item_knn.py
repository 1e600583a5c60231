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
        """Computes [num_items, num_items] cosines of the items' sets of users, and keeps each column's greatest."""
        matrix = train.matrix()
        together = np.asarray((matrix.T @ matrix).toarray(), np.float64)
        length = np.sqrt(np.diag(together))
        cosines = together / (np.outer(length, length) + self._shrinkage + 1e-12)
        np.fill_diagonal(cosines, 0.0)
        if 0 < self._neighbours < len(cosines):
            least = -np.partition(-cosines, self._neighbours - 1, axis=0)[self._neighbours - 1]
            cosines[cosines < least] = 0.0
        self._cosines = cosines

    def scores(self, histories: Matrix, users: Ints) -> Scores:
        """[Q, num_items] from the histories alone."""
        return np.asarray(histories @ self._cosines)
