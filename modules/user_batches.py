"""Batches that hold all interactions of their users, so that histories need not be carried along."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.column_store import Columns
from modules.ragged import Ints, flat_indices
from modules.user_sequences import UserSequences

FIRST, LAST, IS_OWN, NEWEST = "first", "last", "is_own", "newest"
LONGEST = 1000


class UserBatches:
    """Interactions, users at a time in random order; a user's stand together, oldest first.

    The history of a row is a run of rows of the same batch, from `FIRST` up to, not including, `LAST`; where the row
    itself lies in it, `IS_OWN` is 1. If asked for, `NEWEST` are the places of the last few rows of it, the very last
    first, -1 for none. Users of more than `LONGEST` interactions count as several.
    """

    def __init__(
        self,
        columns: Columns,
        sequences: UserSequences,
        past_only: bool,
        batch_size: int,
        seed: int,
        newest: int = 0,
        remembered: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        """Lays the rows out.

        Args:
            columns: by name, arrays with a row an interaction; each must be in `sequences`.
            sequences: which of them belong to whom.
            past_only: whether a history ends before the second of its row; else it holds the user's other rows too.
            batch_size: rows a batch; it may grow by what its last user has more.
            seed: of the order.
            newest: how many of the newest rows of each history are told.
            remembered: [rows of the columns] which ones count as newest; None for all.
        """
        self._columns, self._rows = columns, sequences.rows
        self._batch_size, self._rng = batch_size, np.random.default_rng(seed)
        rows = len(sequences.rows)
        owner = np.repeat(np.arange(len(sequences)), sequences.lengths)
        piece = (np.arange(rows) - np.repeat(sequences.offsets[:-1], sequences.lengths)) // LONGEST
        starts = np.flatnonzero(np.r_[True, (np.diff(owner) != 0) | (np.diff(piece) != 0)])
        self._starts, self._lengths = starts, np.diff(np.append(starts, rows))
        begin = np.repeat(self._starts, self._lengths)
        if past_only:
            changed = np.r_[True, (np.diff(begin) != 0) | (np.diff(sequences.moments) != 0)]
            end = np.maximum.accumulate(np.where(changed, np.arange(rows), 0))
        else:
            end = begin + np.repeat(self._lengths, self._lengths)
        # As seen from the row: where its history begins and ends.
        self._first, self._last = begin - np.arange(rows), end - np.arange(rows)
        self._is_own = np.full(rows, 0.0 if past_only else 1.0, np.float32)
        counted = np.ones(rows, bool) if remembered is None else remembered[sequences.rows]
        before = np.concatenate([[0], np.cumsum(counted)])
        self._newest, self._remembered = newest, np.flatnonzero(counted)
        self._oldest_known, self._next_known = before[begin], before[end]

    def dataset(self) -> tf.data.Dataset:
        """Batches of the columns and `FIRST`, `LAST` and `IS_OWN`, in another order each time."""
        rows: Ints = np.empty(0, np.int64)
        signature = {
            name: tf.TensorSpec([None, *values.shape[1:]], tf.as_dtype(values.dtype))
            for name, values in self._batch(rows).items()
        }
        return tf.data.Dataset.from_generator(self._batches, output_signature=signature).prefetch(2)

    def _batches(self) -> Iterator[Columns]:
        order = self._rng.permutation(len(self._starts))
        which = (np.cumsum(self._lengths[order]) - 1) // self._batch_size
        for users in np.split(order, np.flatnonzero(np.diff(which)) + 1):
            yield self._batch(flat_indices(self._starts[users], self._lengths[users]))

    def _batch(self, rows: Ints) -> Columns:
        here = np.arange(len(rows))
        places = {FIRST: here + self._first[rows], LAST: here + self._last[rows], IS_OWN: self._is_own[rows]}
        if self._newest:
            known = self._next_known[rows][:, None] - 1 - np.arange(self._newest)
            is_past = known >= self._oldest_known[rows][:, None]
            own = np.append(self._remembered, 0)[np.where(is_past, known, -1)]
            places[NEWEST] = np.where(is_past, (here - rows)[:, None] + own, -1)
        return {name: values[self._rows[rows]] for name, values in self._columns.items()} | places
