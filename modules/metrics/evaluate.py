"""All ranking metrics of a set of queries at once, and how sure a difference between two systems is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from modules.metrics import ranked
from modules.metrics.ranked import Floats, Ints

_BLOCK = 1_000_000  # numbers drawn at once by the bootstrap: 8 MB


def per_query(recommended: Ints, relevant: Sequence[Ints], ks: Sequence[int] = (10, 100)) -> dict[str, Floats]:
    """The metrics of each query that has a relevant item, in the order of the queries.

    Args:
        recommended: [Q, K] item positions, best first, -1 pads.
        relevant: Q arrays of item positions; queries with an empty one are left out.
        ks: list lengths; one beyond K counts the missing places as misses.

    Returns:
        "ndcg@k", "recall@k", "hit_rate@k" for each k and "mrr" (over all K places): float64 [queries with relevant].
    """
    hits, num_relevant = ranked.relevance(recommended, relevant)
    counted = num_relevant > 0
    return ranked.from_hits(hits[counted], num_relevant[counted], ks)


def evaluate_ranking(
    recommended: Ints,
    relevant: Sequence[Ints],
    catalogue_size: int,
    ks: Sequence[int] = (10, 100),
    item_popularity: Ints | None = None,
) -> dict[str, float]:
    """Means over all queries that have a relevant item; see docs/metrics.md for the definitions.

    Args:
        recommended: [Q, K] item positions in the catalogue, best first, -1 pads.
        relevant: Q arrays of item positions.
        catalogue_size: number of items that could have been recommended, at least 1.
        ks: list lengths.
        item_popularity: [catalogue_size] interactions of each item in training; gives "popularity@k" when present.

    Returns:
        "ndcg@k", "recall@k", "hit_rate@k", "coverage@k" (and "popularity@k") for each k, "mrr" and "queries", the
        number of queries counted. Everything is 0 when there is none.

    Raises:
        ValueError: shapes disagree or a position lies outside of the catalogue.
    """
    recommended = np.asarray(recommended, dtype=np.int64)
    _check_positions(recommended, relevant, catalogue_size, item_popularity)
    values = per_query(recommended, relevant, ks)
    queries = len(values["mrr"])
    metrics = {name: float(value.mean()) if queries else 0.0 for name, value in values.items()}
    lists = recommended[[len(items) > 0 for items in relevant]]
    for k in ks:
        metrics[f"coverage@{k}"] = ranked.coverage(lists, catalogue_size, k)
    if item_popularity is not None:
        percentiles = ranked.popularity_percentiles(item_popularity)
        for k in ks:
            means = ranked.mean_popularity(lists, percentiles, k)
            metrics[f"popularity@{k}"] = float(means.mean()) if queries else 0.0
    metrics["queries"] = float(queries)
    return metrics


def _check_positions(
    recommended: Ints, relevant: Sequence[Ints], catalogue_size: int, item_popularity: Ints | None
) -> None:
    greatest = max([recommended.max(initial=-1), *(np.max(items, initial=-1) for items in relevant)])
    if greatest >= catalogue_size or recommended.min(initial=0) < ranked.PAD:
        raise ValueError(f"positions must lie in [-1, {catalogue_size}), the greatest is {greatest}")
    if item_popularity is not None and len(item_popularity) != catalogue_size:
        raise ValueError(f"{len(item_popularity)} popularities for {catalogue_size} items")


def paired_bootstrap(a: Floats, b: Floats, seed: int, draws: int = 1000) -> tuple[float, float, float]:
    """How much better `a` is than `b` on the same queries: mean difference and its 95 % percentile interval.

    Efron's percentile bootstrap over queries; the pairs stay together.

    Args:
        a: [Q] values of one metric, Q at least 1.
        b: [Q] values of the other system for the same queries.
        seed: of the resampling.
        draws: how many resamples.

    Returns:
        mean of a - b, lower and upper end of the interval.

    Raises:
        ValueError: the arrays differ in shape or are empty.
    """
    if np.shape(a) != np.shape(b) or np.ndim(a) != 1 or not len(a):
        raise ValueError(f"needs two arrays of one non-empty shape [Q], got {np.shape(a)} and {np.shape(b)}")
    differences = np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)
    generator = np.random.default_rng(seed)
    queries = len(differences)
    rows = max(1, _BLOCK // queries)
    means = [
        differences[generator.integers(queries, size=(min(rows, draws - start), queries))].mean(axis=1)
        for start in range(0, draws, rows)
    ]
    low, high = np.percentile(np.concatenate(means), [2.5, 97.5])
    return float(differences.mean()), float(low), float(high)
