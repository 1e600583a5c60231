"""More interactions to train on, once evaluation has had its say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from modules.column_store import Columns
from modules.ragged import Ints
from modules.roles import HISTORY, HISTORY_TARGET


def joined(train: Columns, added: Sequence[Columns]) -> Columns:
    """The rows of train, then those of other splits.

    Args:
        train: transformed interactions.
        added: the same columns of other splits; none of an empty one. Their histories may be longer; what is older than
            train's have room for is left out, as ExampleGen does in train.
    """
    parts = [train, *(_narrowed(columns, train[HISTORY].shape[1]) for columns in added if columns)]
    return {name: np.concatenate([part[name] for part in parts]) for name in train}


def owners(users: Ints, vocabulary: int, ids: npt.NDArray[np.object_]) -> Ints:
    """[n] int64 by which interactions of the same user are told.

    To the vocabulary of train every user who came later is the same unknown one.

    Args:
        users: [n] indices of the vocabulary.
        vocabulary: its size, which is also the index of the unknown.
        ids: [n] bytes.
    """
    unknown = users >= vocabulary
    found = users.astype(np.int64)
    found[unknown] = vocabulary + pd.factorize(ids[unknown])[0]
    return found


def _narrowed(columns: Columns, width: int) -> Columns:
    """Columns whose histories hold the newest items alone, `width` wide."""
    history = columns[HISTORY]
    lengths = np.count_nonzero(history != -1, axis=1)
    places = np.maximum(lengths - width, 0)[:, None] + np.arange(width)
    missing = max(0, width - history.shape[1])

    def newest(values: npt.NDArray[np.generic], pad: float) -> npt.NDArray[np.generic]:
        wide = np.pad(values, [(0, 0), (0, missing)], constant_values=pad)
        return np.take_along_axis(wide, places, axis=1)

    found = {**columns, HISTORY: newest(history, -1)}
    if HISTORY_TARGET in columns:
        found[HISTORY_TARGET] = newest(columns[HISTORY_TARGET], np.nan)
    return found
