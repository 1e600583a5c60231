"""EASE (Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019)."""

from __future__ import annotations

import numpy as np

from benchmarks.baselines.baseline import Scores
from benchmarks.baselines.log import Ints, Log, Matrix


class Ease:
    """Predicts each item of a history from the others, linearly.

    The weights B minimise ‖X − XB‖² + λ‖B‖² over the users' histories X, with a diagonal of zeros so that no item
    predicts itself. In closed form, with P = (XᵀX + λI)⁻¹: B = I − P / diag(P), column by column.

    Args:
        regularisation: λ. The greater, the less rare pairs count.
    """

    name = "EASE"

    def __init__(self, regularisation: float = 500.0) -> None:
        self._regularisation = regularisation

    def fit(self, train: Log) -> None:
        """Computes B [taken, taken] float64 of the items that somebody took; that of the others is 0."""
        self._num_items = train.num_items
        self._taken = np.flatnonzero(train.counts())
        matrix = train.matrix()[:, self._taken]
        gram = np.asarray((matrix.T @ matrix).toarray(), np.float64)
        gram[np.diag_indices_from(gram)] += self._regularisation
        weights = np.linalg.inv(gram)
        weights /= -np.diag(weights)
        np.fill_diagonal(weights, 0.0)
        self._weights = weights

    def scores(self, histories: Matrix, users: Ints) -> Scores:
        """[Q, num_items] from the histories alone."""
        scores = np.zeros((histories.shape[0], self._num_items))
        scores[:, self._taken] = histories[:, self._taken] @ self._weights
        return scores
