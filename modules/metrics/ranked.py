"""Metrics of ranked lists with binary relevance, vectorised over queries.

Everything rests on two arrays: which places of each list hold a relevant item (`hits`, bool [Q, K]) and how many
relevant items each query has (`num_relevant`, int [Q], at least 1). An item counts once, at its best place.
nDCG after Järvelin and Kekäläinen (2002) with gains 0 and 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

PAD = -1  # where a list has no more items
_PAIRS_AT_ONCE = 100_000

Ints = NDArray[np.integer[Any]]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def relevance(recommended: Ints, relevant: Sequence[Ints]) -> tuple[Bools, NDArray[np.int64]]:
    """Looks up which recommended items are relevant.

    Args:
        recommended: [Q, K] item positions, best first, `PAD` where there is none.
        relevant: Q arrays of item positions; repeated items count once.

    Returns:
        hits [Q, K] bool and the number of distinct relevant items [Q] int64.

    Raises:
        ValueError: shapes differ or a relevant position is negative.
    """
    recommended = np.asarray(recommended, dtype=np.int64)
    if recommended.ndim != 2 or len(recommended) != len(relevant):
        raise ValueError(f"recommended has shape {recommended.shape}, but there are {len(relevant)} relevant sets")
    owners = np.repeat(np.arange(len(relevant)), [len(items) for items in relevant])
    items = np.concatenate([np.asarray(items, dtype=np.int64) for items in relevant] or [np.empty(0, np.int64)])
    if items.size and items.min() < 0:
        raise ValueError(f"a relevant position is negative: {items.min()}")
    # One integer for each (query, item) pair: repeated ones fall together.
    stride = 1 + items.max(initial=0)
    wanted = np.unique(owners * stride + items)
    owners, items = np.divmod(wanted, stride)
    hits = np.zeros(recommended.shape, bool)
    for start in range(0, len(wanted) if hits.size else 0, _PAIRS_AT_ONCE):
        some = slice(start, start + _PAIRS_AT_ONCE)
        places = recommended[owners[some]] == items[some, None]
        found = places.any(axis=1)
        hits[owners[some][found], places[found].argmax(axis=1)] = True
    return hits, np.bincount(owners, minlength=len(recommended))


def ndcg(hits: Bools, num_relevant: Ints, k: int) -> Floats:
    """[Q] nDCG@k: discounted hits over those of the best possible list of min(k, relevant) hits."""
    discounts = 1.0 / np.log2(np.arange(k) + 2.0)
    gained = hits[:, :k] @ discounts[: hits.shape[1]]
    ideal = np.cumsum(discounts)[np.minimum(num_relevant, k) - 1]
    return np.asarray(gained / ideal)


def recall(hits: Bools, num_relevant: Ints, k: int) -> Floats:
    """[Q] recall@k: the share of all relevant items that is among the first k."""
    return np.asarray(hits[:, :k].sum(axis=1) / num_relevant)


def hit_rate(hits: Bools, k: int) -> Floats:
    """[Q] 1 where at least one of the first k is relevant, else 0."""
    return hits[:, :k].any(axis=1).astype(np.float64)


def reciprocal_rank(hits: Bools) -> Floats:
    """[Q] 1 / place of the first relevant item, 0 where the list has none."""
    if not hits.shape[1]:
        return np.zeros(len(hits))
    return np.where(hits.any(axis=1), 1.0 / (hits.argmax(axis=1) + 1.0), 0.0)


def coverage(recommended: Ints, catalogue_size: int, k: int) -> float:
    """The share of the catalogue that is among the first k of at least one list."""
    shown = np.unique(recommended[:, :k])
    return float(np.count_nonzero(shown != PAD) / catalogue_size)


def popularity_percentiles(counts: Ints) -> Floats:
    """[N] how popular each item is among all: (items with fewer interactions + half of those with equally many) / N.

    A list drawn at random has 0.5 on average, the most popular item nearly 1.
    """
    counts = np.asarray(counts)
    ordered = np.sort(counts)
    below = np.searchsorted(ordered, counts, side="left")
    upto = np.searchsorted(ordered, counts, side="right")
    return np.asarray((below + upto) / (2.0 * max(len(counts), 1)))


def mean_popularity(recommended: Ints, percentiles: Floats, k: int) -> Floats:
    """[Q] mean popularity percentile of the first k items; 0 for a list without items."""
    head = recommended[:, :k]
    filled = head != PAD
    total = np.where(filled, percentiles[np.where(filled, head, 0)], 0.0).sum(axis=1)
    return np.asarray(total / np.maximum(filled.sum(axis=1), 1))


def from_hits(hits: Bools, num_relevant: Ints, ks: Sequence[int]) -> dict[str, Floats]:
    """Every metric that needs hits alone, for each query: "ndcg@k", "recall@k", "hit_rate@k", "mrr"; arrays [Q]."""
    values = {}
    for k in ks:
        values[f"ndcg@{k}"] = ndcg(hits, num_relevant, k)
        values[f"recall@{k}"] = recall(hits, num_relevant, k)
        values[f"hit_rate@{k}"] = hit_rate(hits, k)
    values["mrr"] = reciprocal_rank(hits)
    return values
