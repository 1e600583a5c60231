"""Which split an interaction belongs to: by its own column, by time, or at random within each user."""

from __future__ import annotations

import dataclasses
import enum

import numpy as np
import numpy.typing as npt
import pandas as pd

from modules.ragged import Ints

TRAIN, EVAL, TEST = 0, 1, 2
SPLIT_NAMES = ("train", "eval", "test")
CATALOGUE_SPLIT = "catalogue"  # the only one of the candidates


class SplitKind(enum.Enum):
    """How the interactions are split."""

    COLUMN = "column"
    TIME = "time"
    RANDOM = "random"


@dataclasses.dataclass(frozen=True)
class SplitPlan:
    """What every shard needs to know to split its own rows.

    Attributes:
        kind: by what the rows are split.
        eval_from, test_from: with `TIME`, the seconds since the epoch at which eval and test begin.
        set_aside_eval: with `COLUMN`, whether the table has no eval rows, so that a part of train serves instead.
        eval_fraction, test_fraction: shares of the rows, where the pipeline chooses.
        seed: of the random choices.
    """

    kind: SplitKind
    eval_from: int = 0
    test_from: int = 0
    set_aside_eval: bool = False
    eval_fraction: float = 0.1
    test_fraction: float = 0.1
    seed: int = 0


def time_boundaries(times: Ints, counts: Ints, eval_fraction: float, test_fraction: float) -> tuple[int, int]:
    """The times at which eval and test begin, so that the newest rows make up the given shares.

    Rows of one time are never parted. Where that leaves a split without rows, the boundaries give way: with two times
    there are train and eval, with more of them all three.

    Args:
        times: [n] distinct times, ascending.
        counts: [n] rows of each time.
        eval_fraction, test_fraction: shares of all rows.

    Returns:
        (first time of eval, first time of test); a second after the last time for a split that gets no rows.
    """
    if not len(times):
        return 0, 0
    before = np.cumsum(counts) - counts  # rows strictly older than each time
    shares = np.array([1 - eval_fraction - test_fraction, 1 - test_fraction])
    eval_at, test_at = np.searchsorted(before, shares * counts.sum() - 1e-9).tolist()
    test_at = max(2, min(test_at, len(times) - 1))
    eval_at = max(1, min(eval_at, test_at - 1))
    starts = np.append(times, [times[-1] + 1] * 2)
    return int(starts[eval_at]), int(starts[test_at])


def uniform_of(
    user_ids: npt.NDArray[np.object_], item_ids: npt.NDArray[np.object_], seed: int
) -> npt.NDArray[np.float64]:
    """[rows] numbers in [0, 1) that depend on the pair of ids and the seed alone, not on the order of rows."""
    key = f"{seed % 10**16:016d}"
    users = pd.util.hash_array(user_ids.astype(object), hash_key=key, categorize=True)
    items = pd.util.hash_array(item_ids.astype(object), hash_key=key[::-1], categorize=True)
    mixed = users * np.uint64(0x9E3779B97F4A7C15) ^ items
    mixed ^= mixed >> np.uint64(31)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(29)
    return (mixed >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def assign(
    plan: SplitPlan,
    user_codes: Ints,
    times: Ints | None,
    column: npt.NDArray[np.object_] | None,
    uniform: npt.NDArray[np.float64],
) -> npt.NDArray[np.int8]:
    """The split of each row.

    Args:
        plan: how to split.
        user_codes: [rows] number of the row's user; rows of a user stand together.
        times: [rows] seconds since the epoch, with `TIME`.
        column: [rows] "train", "eval" or "test", with `COLUMN`.
        uniform: [rows] the row's number from `uniform_of`.

    Returns:
        [rows] `TRAIN`, `EVAL` or `TEST`.
    """
    if plan.kind is SplitKind.TIME:
        assert times is not None
        return np.where(times >= plan.test_from, TEST, np.where(times >= plan.eval_from, EVAL, TRAIN)).astype(np.int8)
    if plan.kind is SplitKind.COLUMN:
        assert column is not None
        codes = np.select([column == "eval", column == "test"], [EVAL, TEST], TRAIN).astype(np.int8)
        if plan.set_aside_eval:
            codes[(codes == TRAIN) & (uniform < plan.eval_fraction)] = EVAL
        return codes
    return _random_within_users(plan, user_codes, uniform)


def _random_within_users(plan: SplitPlan, user_codes: Ints, uniform: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
    """Each user's rows in random order, the first for test, the next for eval; at least one stays in train."""
    order = np.lexsort((uniform, user_codes))
    codes = user_codes[order]
    first = np.r_[True, codes[1:] != codes[:-1]]
    start = np.maximum.accumulate(np.where(first, np.arange(len(codes)), 0))
    rank = np.arange(len(codes)) - start
    size = np.bincount(codes, minlength=int(codes.max()) + 1 if len(codes) else 0)[codes]
    # Users with few rows get a whole row with the probability that is their share of one.
    luck = (uniform[order][start] * 7919) % 1
    test = np.minimum(np.floor(size * plan.test_fraction + luck), size - 1)
    heldout = np.minimum(np.floor(size * (plan.test_fraction + plan.eval_fraction) + luck), size - 1)
    result = np.full(len(codes), TRAIN, np.int8)
    result[order] = np.where(rank < test, TEST, np.where(rank < heldout, EVAL, TRAIN))
    return result
