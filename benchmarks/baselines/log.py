"""What baselines learn from: who took what, and when."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Matrix = Any  # scipy.sparse.csr_matrix, float32; scipy is not typed


@dataclasses.dataclass(frozen=True)
class Log:
    """Interactions whose users and items are numbers.

    Attributes:
        users: [n] int64 in 0 … num_users − 1.
        items: [n] int64 in 0 … num_items − 1.
        num_users, num_items: also those without an interaction.
        moments: [n] int64, greater is later; None where nothing says when.
    """

    users: Ints
    items: Ints
    num_users: int
    num_items: int
    moments: Ints | None = None

    def rows(self, chosen: Bools | Ints) -> Log:
        """Some of the interactions, by mask or position."""
        moments = None if self.moments is None else self.moments[chosen]
        return dataclasses.replace(self, users=self.users[chosen], items=self.items[chosen], moments=moments)

    def matrix(self) -> Matrix:
        """[num_users, num_items] float32 sparse: 1 where the user took the item, however often."""
        return binary(self.users, self.items, (self.num_users, self.num_items))

    def counts(self) -> Ints:
        """[num_items] interactions of each item."""
        return np.bincount(self.items, minlength=self.num_items).astype(np.int64)


def binary(rows: Ints, columns: Ints, shape: tuple[int, int]) -> Matrix:
    """A sparse float32 matrix with a 1 at each of the places given, also at repeated ones."""
    matrix = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix
