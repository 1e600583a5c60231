"""What is refused as an index, and what is measured of one."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.errors import InputError
from modules.index.index import Index

RECALL_K = 100
_TIMED_QUERIES = 50
_SCORES_AT_ONCE = 50_000_000
Floats = npt.NDArray[np.float32]


def check_catalogue(item_ids: Sequence[bytes], vectors: Floats) -> None:
    """Refuses what cannot be searched.

    Raises:
        InputError: no items, an id twice, or a vector that is not finite; names the item.
    """
    if not len(item_ids):
        raise InputError("candidate index", "at least one item", "an empty catalogue")
    unique, counts = np.unique(np.array(item_ids, object), return_counts=True)
    if (counts > 1).any():
        first = unique[counts > 1][0].decode()
        raise InputError("candidate index, item ids", "each id once", f'"{first}" {counts.max()} times')
    broken = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(broken):
        raise InputError(
            f'candidate index, vector of item "{item_ids[broken[0]].decode()}"',
            "finite numbers",
            f"NaN or infinity in {len(broken)} of {len(vectors)} vectors",
        )


def exact_best(vectors: Floats, queries: Floats, k: int = RECALL_K) -> npt.NDArray[np.int64]:
    """[Q, k] positions of the k items, or all if they are fewer, of greatest inner product, in no order.

    Args:
        vectors: [num_items, D] float32.
        queries: [Q, D] float32, Q ≥ 1.
        k: how many.
    """
    k, at_once = min(k, len(vectors)), max(1, _SCORES_AT_ONCE // len(vectors))
    parts = (queries[start : start + at_once] for start in range(0, len(queries), at_once))
    return np.concatenate([np.argpartition(-(part @ vectors.T), k - 1, axis=1)[:, :k] for part in parts])


def recall_against_exact(index: Index, vectors: Floats, queries: Floats, k: int = RECALL_K) -> float:
    """Share of the exact k best items that the index returns, averaged over queries.

    Args:
        index: the one to judge.
        vectors: [num_items, D] float32.
        queries: [Q, D] float32 of the query tower, Q ≥ 1.
        k: how many items; the whole catalogue if that is smaller.
    """
    at_once, best = max(1, _SCORES_AT_ONCE // len(vectors)), exact_best(vectors, queries, k)
    search = tf.function(lambda part: index.search(part, k=best.shape[1])[1], autograph=False, reduce_retracing=True)
    parts = (queries[start : start + at_once] for start in range(0, len(queries), at_once))
    found = np.concatenate([search(tf.constant(part)).numpy() for part in parts])
    return float(np.mean([np.isin(mine, truth).mean() for mine, truth in zip(found, best, strict=True)]))


def latency_ms(index: Index, queries: Floats, k: int = RECALL_K) -> dict[str, float]:
    """Milliseconds of a search for a single query: its median and 99th percentile over some tens of queries."""
    search = tf.function(lambda query: index.search(query, k=k), autograph=False)
    seconds = []
    for turn in range(_TIMED_QUERIES + 5):
        query = tf.constant(queries[turn % len(queries)][None])
        began = time.perf_counter()
        search(query)[1].numpy()
        seconds.append(time.perf_counter() - began)
    p50, p99 = np.percentile(seconds[5:], [50, 99]) * 1000  # the first few trace and warm up
    return {"p50": float(p50), "p99": float(p99)}
