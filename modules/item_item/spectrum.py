"""Which items are taken by the same users: the spectrum of the matrix of users and items."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
import scipy.sparse
import scipy.sparse.linalg

from modules.user_sequences import UserSequences

MOST = 512
_DENSE = 1024  # users or items up to which the whole decomposition is quicker than the greatest part of it
_SEED = 1
Floats = npt.NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class ItemSpectrum:
    """The greatest singular values of X [users, items], 1 where a user took an item.

    Attributes:
        values: [rank] float64, above 0, descending; `MOST` at most.
        directions: [num_items, rank] float64, the right singular vectors.
        takers: [num_items] int64, how many users took each item.
    """

    values: npt.NDArray[np.float64]
    directions: npt.NDArray[np.float64]
    takers: npt.NDArray[np.int64]

    @classmethod
    def of(cls, sets: UserSequences, num_items: int) -> ItemSpectrum:
        """Decomposes what users took.

        Args:
            sets: each item of a user once.
            num_items: size of the catalogue.
        """
        shape = (len(sets), num_items)
        matrix = scipy.sparse.csr_matrix((np.ones(len(sets.items), np.float32), sets.items, sets.offsets), shape)
        if min(shape) <= _DENSE:
            _, values, directions = np.linalg.svd(matrix.toarray(), full_matrices=False)
        else:
            _, values, directions = scipy.sparse.linalg.svds(matrix, k=MOST, random_state=_SEED)
        order = np.argsort(-values)[:MOST]
        order = order[values[order] > 1e-3 * values.max()]
        takers = np.bincount(sets.items, minlength=num_items)
        return cls(values[order].astype(np.float64), directions[order].T.astype(np.float64), takers)

    def weights(self, regularisation: float) -> tuple[Floats, Floats]:
        """Two tables whose inner products, item by item, are the weights of EASE.

        EASE (Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019) predicts an item from the others
        of a history by B = I - P / diag(P), column by column, with P = λ (XᵀX + λI)⁻¹. The diagonal only keeps items
        from predicting themselves, and what is in a history is not recommended; so (I - P) / diag(P) does as well. With
        the singular values s of X and its right singular vectors V, I - P is V diag(s² / (s² + λ)) Vᵀ: small singular
        values have next to no part in it, where those of B all count.

        Args:
            regularisation: λ, above 0.

        Returns:
            [num_items, rank] float32 each: what an item of a history shows, and what it takes to be predicted.
        """
        squares = self.values**2
        shares = squares / (squares + regularisation)
        remaining = 1 - np.square(self.directions) @ shares
        wanted = self.directions / remaining[:, None]
        return (self.directions * shares).astype(np.float32), wanted.astype(np.float32)
