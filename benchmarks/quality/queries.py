"""The questions of a protocol, the same for every system."""

from __future__ import annotations

import dataclasses

import numpy as np

from benchmarks.baselines.baseline import Baseline
from benchmarks.baselines.log import Log, Matrix
from benchmarks.quality.metrics import PAD, Floats, Ints

AT_ONCE = 512


@dataclasses.dataclass(frozen=True)
class Queries:
    """One row a query.

    Attributes:
        users: [Q] the user's number, −1 for one whom the log lacks.
        histories: [Q, num_items] sparse: what is known to have been taken.
        blocked: [Q, num_items] sparse: what must not be recommended.
        relevant: [Q, num_items] sparse: what was taken afterwards; at least one item a row.
    """

    users: Ints
    histories: Matrix
    blocked: Matrix
    relevant: Matrix

    def __len__(self) -> int:
        """The number of queries."""
        return len(self.users)

    def num_relevant(self) -> Ints:
        """[Q] relevant items of each query."""
        return np.diff(self.relevant.indptr).astype(np.int64)


def queries_of_users(known: Log, held_out: Log, blocked: Log | None = None) -> Queries:
    """One query a user who has held-out items; items already known are neither asked for nor recommended.

    Args:
        known: what makes up the histories.
        held_out: what is relevant.
        blocked: what must not be recommended; by default what is known.
    """
    mask = (blocked or known).matrix()
    relevant = held_out.matrix()
    relevant = relevant - relevant.multiply(mask)
    relevant.eliminate_zeros()
    users = np.flatnonzero(np.diff(relevant.indptr)).astype(np.int64)
    return Queries(users, known.matrix()[users], mask[users], relevant[users])


def answer(baseline: Baseline, queries: Queries, k: int) -> Ints:
    """[Q, k] the baseline's best items, best first, equal scores by position; −1 pads. No more than the catalogue."""
    parts = [np.empty((0, min(k, queries.relevant.shape[1])), np.int64)]
    for start in range(0, len(queries), AT_ONCE):
        rows = slice(start, start + AT_ONCE)
        scores = np.array(baseline.scores(queries.histories[rows], queries.users[rows]), np.float64)
        parts.append(best(scores, queries.blocked[rows], k))
    return np.concatenate(parts)


def best(scores: Floats, blocked: Matrix, k: int) -> Ints:
    """[Q, k] positions of the greatest scores that are not blocked, best first; −1 pads. Writes into `scores`."""
    scores[blocked.nonzero()] = -np.inf
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    kept = np.take_along_axis(scores, order, axis=1) > -np.inf
    return np.where(kept, order, PAD).astype(np.int64)
