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
        """Computes B [num_items, num_items] float64."""
        matrix = train.matrix()
        gram = np.asarray((matrix.T @ matrix).toarray(), np.float64)
        gram[np.diag_indices_from(gram)] += self._regularisation
        inverse = np.linalg.inv(gram)
        weights = -inverse / np.diag(inverse)
        np.fill_diagonal(weights, 0.0)
        self._weights = weights

    def scores(self, histories: Matrix, users: Ints) -> Scores:
        """[Q, num_items] from the histories alone."""
        return np.asarray(histories @ self._weights)
