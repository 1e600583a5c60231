"""The ways in which the protocols part interactions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmarks.baselines.log import Ints

Splits = npt.NDArray[np.object_]
Shares = tuple[float, float, float]


def stratified(groups: Ints, share: float, seed: int) -> Splits:
    """Microsoft Recommenders' `python_stratified_split`: the same share of the rows of each group, at random.

    A legacy numpy generator seeded with `seed` gives each row, in the order of the file, a uniform number. Within a
    group, the row with the r-th smallest of n numbers is train if r / n ≤ share, else test.

    Args:
        groups: [rows] the item (`filter_by="item"`) or user of each row.
        share: of train.
        seed: of the numbers.

    Returns:
        [rows] "train" or "test".
    """
    luck = np.random.RandomState(seed).random_sample(len(groups))
    rank, size = _ranks(groups, luck)
    return np.where((rank + 1) / size <= share, "train", "test").astype(object)


def random_within_users(users: Ints, shares: Shares, seed: int) -> Splits:
    """RecBole's `RS` split of randomly ordered rows, grouped by user.

    Of a user's n rows, eval and test get ⌊share · n⌋ each, and one if that is 0 and train has a row to spare.

    Args:
        users: [rows] the user of each row.
        shares: of train, eval and test.
        seed: of the order.

    Returns:
        [rows] "train", "eval" or "test".
    """
    rank, size = _ranks(users, np.random.default_rng(seed).random(len(users)))
    held = {}
    train = size.copy()
    for name, share in (("eval", shares[1]), ("test", shares[2])):
        held[name] = np.floor(share * size + 1e-9).astype(np.int64)
        train -= held[name]
    for name in ("test", "eval"):
        extra = (held[name] == 0) & (train > 1)
        held[name] += extra
        train -= extra
    return np.where(rank < train, "train", np.where(rank < train + held["eval"], "eval", "test")).astype(object)


def last_out(users: Ints, moments: Ints) -> Splits:
    """Leave last out: each user's last row is test, the one before it eval; users with fewer than 3 rows are train.

    Args:
        users: [rows] the user of each row.
        moments: [rows] greater is later.

    Returns:
        [rows] "train", "eval" or "test".
    """
    rank, size = _ranks(users, moments)
    left = size - rank
    return np.select([(left == 1) & (size > 2), (left == 2) & (size > 2)], ["test", "eval"], "train").astype(object)


def by_time(moments: Ints, shares: Shares) -> Splits:
    """A global split by time: the oldest rows are train, the newest test; rows of one moment stay together.

    Args:
        moments: [rows] greater is later; with at least three different values.
        shares: of train, eval and test.

    Returns:
        [rows] "train", "eval" or "test".
    """
    times, counts = np.unique(moments, return_counts=True)
    older = np.cumsum(counts) - counts
    rows = len(moments)
    test_from = min(int(np.searchsorted(older, (shares[0] + shares[1]) * rows - 1e-9)), len(times) - 1)
    eval_from = min(int(np.searchsorted(older, shares[0] * rows - 1e-9)), test_from - 1)
    return np.select([moments >= times[test_from], moments >= times[eval_from]], ["test", "eval"], "train").astype(
        object
    )


def _ranks(groups: Ints, keys: npt.NDArray[np.generic]) -> tuple[Ints, Ints]:
    """[rows] the place of each row in its group by ascending key, from 0, and [rows] the size of its group."""
    order = np.lexsort((keys, groups))
    ordered = groups[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sizes = np.diff(np.r_[starts, len(groups)])
    rank = np.empty(len(groups), np.int64)
    rank[order] = np.arange(len(groups)) - np.repeat(starts, sizes)
    size = np.empty(len(groups), np.int64)
    size[order] = np.repeat(sizes, sizes)
    return rank, size
