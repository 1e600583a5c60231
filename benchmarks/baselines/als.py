"""Matrix factorisation of implicit feedback by alternating least squares (Hu, Koren and Volinsky, ICDM 2008)."""

from __future__ import annotations

import numpy as np

from benchmarks.baselines.baseline import Scores
from benchmarks.baselines.implicit_package import implicit_module
from benchmarks.baselines.log import Ints, Log, Matrix


class Als:
    """`implicit.cpu.als.AlternatingLeastSquares`. A query's factors are solved from its history, as for a new user.

    Args:
        factors, regularisation, alpha, iterations: as the package names them.
        seed: of the first factors.
    """

    name = "ALS"

    def __init__(
        self,
        factors: int = 64,
        regularisation: float = 0.1,
        alpha: float = 1.0,
        iterations: int = 15,
        seed: int = 42,
    ) -> None:
        self._model = implicit_module("cpu.als").AlternatingLeastSquares(
            factors=factors,
            regularization=regularisation,
            alpha=alpha,
            iterations=iterations,
            random_state=seed,
            num_threads=1,
        )

    def fit(self, train: Log) -> None:
        """Learns the factors."""
        self._model.fit(train.matrix(), show_progress=False)

    def scores(self, histories: Matrix, users: Ints) -> Scores:
        """[Q, num_items]: what the factors of each history predict."""
        queries = np.atleast_2d(self._model.recalculate_user(np.arange(histories.shape[0]), histories))
        return np.asarray(queries @ self._model.item_factors.T)
