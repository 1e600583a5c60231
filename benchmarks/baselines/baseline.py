"""What all baselines have in common."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from benchmarks.baselines.log import Ints, Log, Matrix

Scores = npt.NDArray[np.floating[Any]]


class Baseline(Protocol):
    """Learns from a log, then scores the catalogue for any history.

    Attributes:
        name: in tables.
    """

    name: str

    def fit(self, train: Log) -> None:
        """Learns; whatever was learned before is forgotten."""

    def scores(self, histories: Matrix, users: Ints) -> Scores:
        """Scores all items.

        Args:
            histories: [Q, num_items] sparse float32, 1 for each item that the query's user is known to have taken.
            users: [Q] numbers of the users in the log, −1 for one who is not there.

        Returns:
            [Q, num_items] float, greater is better.
        """
