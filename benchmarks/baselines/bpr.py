"""Bayesian personalised ranking (Rendle et al., UAI 2009)."""

from __future__ import annotations

import numpy as np

from benchmarks.baselines.baseline import Scores
from benchmarks.baselines.implicit_package import implicit_module
from benchmarks.baselines.log import Ints, Log, Matrix


class Bpr:
    """`implicit.cpu.bpr.BayesianPersonalizedRanking`. It knows users, not histories.

    Users without interactions in the log have the mean of the others' factors.

    Args:
        factors, learning_rate, regularisation, iterations: as the package names them.
        seed: of the first factors and of the pairs drawn.
    """

    name = "BPR"

    def __init__(
        self,
        factors: int = 64,
        learning_rate: float = 0.01,
        regularisation: float = 0.01,
        iterations: int = 100,
        seed: int = 42,
    ) -> None:
        self._model = implicit_module("cpu.bpr").BayesianPersonalizedRanking(
            factors=factors,
            learning_rate=learning_rate,
            regularization=regularisation,
            iterations=iterations,
            random_state=seed,
            num_threads=1,
        )

    def fit(self, train: Log) -> None:
        """Learns the factors."""
        self._model.fit(train.matrix(), show_progress=False)
        self._users = np.asarray(self._model.user_factors)
        known = np.bincount(train.users, minlength=train.num_users) > 0
        self._anybody = self._users[known].mean(axis=0)
        self._users[~known] = self._anybody

    def scores(self, histories: Matrix, users: Ints) -> Scores:
        """[Q, num_items] from the users alone."""
        queries = np.where((users < 0)[:, None], self._anybody, self._users[users])
        return np.asarray(queries @ self._model.item_factors.T)
