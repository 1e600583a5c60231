"""Ragged windows over flat arrays, without loops over rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def flat_indices(starts: Ints, lengths: Ints) -> Ints:
    """Indices start, start + 1, … of every row, one row after the other.

    Args:
        starts: [rows] first index of each row.
        lengths: [rows] how many indices each row has, 0 or more.

    Returns:
        [sum(lengths)] int64. `flat_indices([5, 0], [2, 3])` is `[5, 6, 0, 1, 2]`.
    """
    total = int(lengths.sum())
    before = np.cumsum(lengths) - lengths
    return np.arange(total, dtype=np.int64) + np.repeat(starts - before, lengths)


def offsets_of(lengths: Ints) -> Ints:
    """[rows + 1] offsets of rows of the given lengths in a flat array."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
