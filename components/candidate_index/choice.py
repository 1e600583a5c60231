"""Which index: as small an effort as finds what has to be found."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from components.candidate_index.quality import RECALL_K, exact_best, latency_ms
from modules.errors import InputError
from modules.index.config import IndexConfig
from modules.index.index import build_index
from modules.index.partition import ITEMS_A_LIST, Partition, make_partition
from modules.index.plan import EXACT, PARTITIONED, IndexPlan

_MARGIN = 0.001  # scores that differ by rounding alone may swap places
Floats = npt.NDArray[np.float32]


def choose_plan(config: IndexConfig, vectors: Floats, queries: Floats, seed: int) -> IndexPlan:
    """How to search these items.

    Args:
        config: what is asked for.
        vectors: [N, D] float32.
        queries: [Q, D] float32 of the query tower. Lists are made for the first half of them; as many are searched as
            it takes to find the share `recall_target` of the exact 100 best, in the first half and in the second.
        seed: of the partition.
    """
    automatic = config.kind == "auto"
    few = len(vectors) <= (max(config.exact_up_to, 2 * ITEMS_A_LIST) if automatic else 2 * ITEMS_A_LIST)
    if config.kind == EXACT or few:
        return IndexPlan()
    partition = make_partition(vectors, queries[: max(1, len(queries) // 2)], seed)
    plan = IndexPlan(PARTITIONED, partition, probes_for(partition, vectors, queries, config.recall_target))
    if automatic and _median_ms(IndexPlan(), vectors, queries) <= _median_ms(plan, vectors, queries):
        return IndexPlan()
    return plan


def probes_for(partition: Partition, vectors: Floats, queries: Floats, target: float) -> int:
    """The fewest lists that hold the share `target` of the 100 best, in either half of the queries."""
    best = exact_best(vectors, queries, RECALL_K)
    order = np.argsort(-(queries @ partition.centroids.T), axis=1)
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(order.shape[1])[None], axis=1)
    needed = np.take_along_axis(ranks, partition.lists[best].astype(np.int64), axis=1) + 1
    halves = [half for half in np.array_split(needed, 2) if len(half)]
    share = min(target + _MARGIN, 1.0)
    return max(int(np.quantile(half, share, method="inverted_cdf")) for half in halves)


def check_recall(kind: str, recall: float, config: IndexConfig) -> None:
    """Refuses an index that finds too little.

    Raises:
        InputError: its recall is below the target.
    """
    if recall < config.recall_target:
        least = f"a recall@{RECALL_K} of at least {config.recall_target:g}, which config [index] recall_target asks for"
        raise InputError(f"candidate index, {kind}", least, f"{recall:.4f}")


def _median_ms(plan: IndexPlan, vectors: Floats, queries: Floats) -> float:
    return latency_ms(build_index(plan, vectors), queries)["p50"]
