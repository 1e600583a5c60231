"""Maximum inner product search in the lists that are likely to hold the best items, in stock TensorFlow ops."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from modules.index.blocks import NOTHING, Hidden, best_columns, place_among
from modules.index.partition import Partition

BLOCK = 16
"""Rows that are fetched together. A list's last block is filled up."""

_TUNED_FOR = 100
_SCAN_BLOCK = 128
_SCANNED_FROM = 0.2  # of the lists: fetching so many costs more than scoring all rows where they are


class PartitionedIndex(tf.Module):
    """Scores the items of the lists whose centroids score best; see `modules.index.index.Index`.

    A search for more items, past more blocked ones or among fewer allowed ones looks into more lists in proportion.
    Where that does not find k eligible items, or would be most lists anyway, every item is scored. The vectors are kept
    once, in float32 and in the order of the lists.
    """

    def __init__(
        self, vectors: NDArray[np.float32], partition: Partition, probes: int, size: int | None = None, biases: int = 0
    ) -> None:
        """Args as in `build_index`, checked there.

        Raises:
            ValueError: the partition is one of other items, or probes is no number of its lists.
        """
        super().__init__(name="partitioned_index")
        self.size = len(vectors) if size is None else size
        lists = len(partition.centroids)
        if len(partition.lists) != self.size or not 1 <= probes <= lists:
            raise ValueError(f"{len(partition.lists)} items in {lists} lists, {probes} probes, for {self.size} items")
        self.directions = vectors.shape[1] - biases
        self._probes, self._lists = probes, lists
        slots, starts = _layout(partition.lists, lists)
        # Behind the lists: what is kept but cannot be found, and a block without any item.
        kept = np.arange(self.size, len(vectors))
        end = -(-(len(slots) + len(kept) + BLOCK) // _SCAN_BLOCK) * _SCAN_BLOCK
        items = np.full(end, -1, np.int32)
        items[: len(slots)] = slots
        places = np.empty(len(vectors), np.int32)
        places[slots[slots >= 0]] = np.flatnonzero(slots >= 0)
        places[kept] = len(slots) + np.arange(len(kept))
        rows = np.zeros((end, vectors.shape[1]), np.float32)
        rows[places] = vectors
        norms = np.linalg.norm(rows[:, : self.directions], axis=1)
        inverse_norms = np.divide(1.0, norms, out=np.zeros_like(norms), where=norms > 0)
        self._empty = end // BLOCK - 1
        self._rows = _constant(rows, "rows")
        self._inverse_norms = _constant(inverse_norms, "inverse_norms")
        self._items = _constant(items, "items")
        self._places = _constant(places, "places")
        self._starts = _constant(starts, "starts")
        self._list_of_block = _constant(np.repeat(np.arange(lists), np.diff(starts)), "list_of_block")
        self._centroids = _constant(np.ascontiguousarray(partition.centroids.T), "centroids")

    @property
    def bytes_per_item(self) -> float:
        """See `Index`."""
        return sum(variable.shape.num_elements() * variable.dtype.size for variable in self.variables) / self.size

    def vectors(self, positions: tf.Tensor) -> tf.Tensor:
        """See `Index`."""
        return tf.gather(self._rows, tf.gather(self._places, positions))

    def search(
        self,
        queries: tf.Tensor,
        blocked: tf.RaggedTensor | None = None,
        allowed_mask: tf.Tensor | None = None,
        k: tf.Tensor | int = 10,
        cosine: bool = False,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """See `Index`; a cosine is compared with all items, as the lists are made for inner products."""
        k = tf.clip_by_value(tf.cast(k, tf.int32), 0, self.size)
        hidden = None if blocked is None else Hidden.of(blocked.with_values(self._place(blocked.values)))
        if cosine:
            unit = tf.math.l2_normalize(queries[:, : self.directions], axis=1)
            queries = tf.pad(unit, [[0, 0], [0, self._rows.shape[1] - self.directions]])
            return self._found(*self._scan(queries, hidden, allowed_mask, k, self._inverse_norms))
        probes = self._probes_for(k + hidden.most if hidden else k, allowed_mask)

        def everywhere() -> tuple[tf.Tensor, tf.Tensor]:
            return self._scan(queries, hidden, allowed_mask, k)

        def in_lists() -> tuple[tf.Tensor, tf.Tensor]:
            best, places = self._look_into(queries, hidden, allowed_mask, k, probes)
            return tf.cond(tf.reduce_all(best > NOTHING), lambda: (best, places), everywhere)

        far = tf.cast(probes, tf.float32) > _SCANNED_FROM * self._lists
        return self._found(*tf.cond(far, everywhere, in_lists))

    def _found(self, best: tf.Tensor, places: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return best, tf.where(best > NOTHING, tf.gather(self._items, places), -1)

    def _place(self, positions: tf.Tensor) -> tf.Tensor:
        """Places of `positions` int32, -1 for those that are no item's."""
        real = (positions >= 0) & (positions < self.size)
        return tf.where(real, tf.gather(self._places, tf.where(real, positions, 0)), -1)

    def _probes_for(self, depth: tf.Tensor, allowed_mask: tf.Tensor | None) -> tf.Tensor:
        """[] int32: how many lists to look into for the `depth` best of what is allowed."""
        more = tf.maximum(tf.cast(depth, tf.float32) / _TUNED_FOR, 1.0)
        if allowed_mask is not None:
            share = tf.reduce_min(tf.reduce_mean(tf.cast(allowed_mask, tf.float32), axis=-1))
            more /= tf.maximum(share, 1e-6)
        return tf.cast(tf.minimum(tf.math.ceil(self._probes * more), self._lists), tf.int32)

    def _scan(
        self,
        queries: tf.Tensor,
        hidden: Hidden | None,
        allowed_mask: tf.Tensor | None,
        k: tf.Tensor,
        factors: tf.Tensor | None = None,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Scores and places of the best of all items."""
        scores = tf.matmul(queries, self._rows, transpose_b=True)
        if factors is not None:
            scores *= factors
        scores = tf.where(self._eligible(self._items[tf.newaxis], allowed_mask), scores, NOTHING)
        return best_columns(scores, k, _SCAN_BLOCK, hidden)

    def _look_into(
        self, queries: tf.Tensor, hidden: Hidden | None, allowed_mask: tf.Tensor | None, k: tf.Tensor, probes: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Scores and places of the best items of the lists whose centroids score best."""
        batch = tf.shape(queries)[0]
        _, chosen = tf.math.top_k(tf.matmul(queries, self._centroids), probes)
        begin, end = tf.gather(self._starts, chosen), tf.gather(self._starts, chosen + 1)
        lengths = end - begin
        blocks = tf.ragged.range(tf.reshape(begin, [-1]), tf.reshape(end, [-1])).values
        blocks = tf.RaggedTensor.from_row_lengths(blocks, tf.reduce_sum(lengths, axis=1), validate=False)
        blocks = blocks.to_tensor(self._empty)
        width = tf.maximum(tf.shape(blocks)[1], 1 + k // BLOCK)  # k columns at least
        blocks = tf.pad(blocks, [[0, 0], [0, width - tf.shape(blocks)[1]]], constant_values=self._empty)
        rows = tf.gather(tf.reshape(self._rows, [-1, BLOCK * self._rows.shape[1]]), blocks)
        scores = tf.linalg.matvec(tf.reshape(rows, [batch, width * BLOCK, self._rows.shape[1]]), queries)
        items = tf.reshape(tf.gather(tf.reshape(self._items, [-1, BLOCK]), blocks), [batch, width * BLOCK])
        scores = tf.where(self._eligible(items, allowed_mask), scores, NOTHING)
        hidden = hidden and self._here(hidden, chosen, lengths)
        best, columns = best_columns(scores, k, BLOCK, hidden)
        block = tf.gather(blocks, columns // BLOCK, batch_dims=1)
        return best, block * BLOCK + columns % BLOCK

    def _here(self, hidden: Hidden, chosen: tf.Tensor, lengths: tf.Tensor) -> Hidden:
        """What of `hidden` is in the lists `chosen` [B, P] of `lengths` [B, P] blocks, by column of those blocks."""
        block = hidden.columns // BLOCK
        lists = tf.gather(self._list_of_block, block)
        place = place_among(chosen, self._lists, hidden.rows, lists)
        before = tf.cumsum(lengths, axis=1, exclusive=True)
        first = tf.gather_nd(before, tf.stack([hidden.rows, tf.maximum(place, 0)], axis=1))
        column = (first + block - tf.gather(self._starts, lists)) * BLOCK + hidden.columns % BLOCK
        here = place >= 0
        return Hidden(tf.boolean_mask(hidden.rows, here), tf.boolean_mask(column, here), hidden.most)

    def _eligible(self, items: tf.Tensor, allowed_mask: tf.Tensor | None) -> tf.Tensor:
        """[B or 1, n] bool for `items` [B or 1, n] int32 positions, -1 for none."""
        real = items >= 0
        if allowed_mask is None:
            return real
        known = tf.where(real, items, 0)
        if allowed_mask.shape.rank == 1:
            return real & tf.gather(allowed_mask, known)
        known = tf.broadcast_to(known, [tf.shape(allowed_mask)[0], tf.shape(known)[1]])
        return real & tf.gather(allowed_mask, known, batch_dims=1)


def _layout(lists: NDArray[np.int32], count: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Items list by list, each list filled up with -1 to whole blocks, and [count + 1] the first block of each list."""
    lengths = np.bincount(lists, minlength=count)
    starts = np.concatenate([[0], np.cumsum(-(-lengths // BLOCK))])
    order = np.argsort(lists, kind="stable")
    within = np.arange(len(lists)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    slots = np.full(starts[-1] * BLOCK, -1, np.int32)
    slots[starts[lists[order]] * BLOCK + within] = order
    return slots, starts.astype(np.int32)


def _constant(values: NDArray[np.generic], name: str) -> tf.Variable:
    return tf.Variable(values.astype(np.float32 if values.dtype.kind == "f" else np.int32), trainable=False, name=name)
