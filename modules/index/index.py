"""What every index can do, and how one is built."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from modules.errors import InputError
from modules.index.exact import ExactIndex
from modules.index.partitioned import PartitionedIndex
from modules.index.plan import EXACT, PARTITIONED, IndexPlan


class Index(Protocol):
    """Maximum inner product search; a `tf.Module` whose variables hold the vectors once.

    Attributes:
        size: N, how many items can be found.
        directions: how many leading coordinates cosines compare.
        bytes_per_item: what its variables take.
    """

    size: int
    directions: int

    @property
    def bytes_per_item(self) -> float:
        """Bytes of all variables over N."""

    def vectors(self, positions: tf.Tensor) -> tf.Tensor:
        """[…, D] float32 of the items at […] int positions, those beyond N that were given too."""

    def search(
        self,
        queries: tf.Tensor,
        blocked: tf.RaggedTensor | None = None,
        allowed_mask: tf.Tensor | None = None,
        k: tf.Tensor | int = 10,
        cosine: bool = False,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The k best items of each query, best first.

        What is blocked or not allowed is left out before the selection, so k items come back whenever k are eligible.

        Args:
            queries: [B, D] float32.
            blocked: RaggedTensor [B, None] int32 of positions that the row must not get; negative ones mean no item.
            allowed_mask: [N] bool, False = for nobody, or [B, N] bool.
            k: int32 scalar, known at run time only.
            cosine: compare by cosine instead of inner product, without the biases; always exact.

        Returns:
            scores [B, k'] float32 and positions [B, k'] int32, k' = min(max(k, 0), N). A slot for which no eligible
            item is left has score -inf and position -1.
        """


def build_index(plan: IndexPlan, vectors: NDArray[np.float32], size: int | None = None, biases: int = 0) -> Index:
    """Builds an index over `vectors: [N, D] float32`.

    Args:
        plan: its kind, and what that needs.
        vectors: one row an item.
        size: how many leading rows can be found; the rest are only kept beside them (default: all can be found).
        biases: how many trailing coordinates say how good an item is rather than what it is like; cosines leave them
            out.

    Raises:
        InputError: there is no such kind of index, or nothing to put into it.
    """
    vectors = np.asarray(vectors, np.float32)
    if vectors.ndim != 2:
        raise InputError("index", "vectors of shape [items, dim]", list(vectors.shape))
    size = len(vectors) if size is None else size
    if not 1 <= size <= len(vectors):
        raise InputError("index", f"1 to {len(vectors)} items", size)
    if plan.kind == PARTITIONED and plan.partition:
        return PartitionedIndex(vectors, plan.partition, plan.probes, size, biases)
    if plan.kind != EXACT:
        raise InputError("index", f"a plan of kind {EXACT} or {PARTITIONED}", plan.kind)
    return ExactIndex(vectors, size, biases)
