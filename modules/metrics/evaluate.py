"""All ranking metrics of a set of queries at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from modules.metrics import ranked
from modules.metrics.ranked import Floats, Ints


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
