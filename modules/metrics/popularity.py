"""The baseline that everything has to beat: what most people took, minus what this one has seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from modules.metrics.ranked import PAD, Ints


def popular(counts: Ints, seen: Sequence[Ints], k: int) -> NDArray[np.int64]:
    """The k most popular items for each query, without those it has seen.

    Args:
        counts: [N] positive interactions of each item in training; equal counts keep the catalogue's order.
        seen: Q arrays of item positions to leave out.
        k: length of the lists, at least 1.

    Returns:
        [Q, k] int64 item positions, best first, -1 where fewer than k items are left.
    """
    by_count = np.argsort(-np.asarray(counts, dtype=np.int64), kind="stable")
    lists = np.full((len(seen), k), PAD, dtype=np.int64)
    left_out = np.zeros(len(by_count), bool)  # one for all queries: a set for each would take most of the time
    for row, items in zip(lists, seen, strict=True):
        left_out[items] = True
        head = by_count[: k + len(items)]  # holds k unseen ones, if that many exist
        unseen = head[~left_out[head]][:k]
        row[: len(unseen)] = unseen
        left_out[items] = False
    return lists
