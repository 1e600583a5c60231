"""The users who took an item, with how much each liked it, as a vector of the item."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.ragged import Ints, offsets_of

_ITEMS_AT_ONCE = 1024


@dataclasses.dataclass(frozen=True)
class RatersOfItems:
    """Some of the users who took each item.

    Attributes:
        offsets: [items + 1] int64 where each item's run begins in the arrays below; a user stands in it once at most.
        users: [n] int64 indices of the vocabulary of users, ascending within an item.
        residuals: [n] float32: how far the target lay from what item and user led to expect; 0 where unknown.
    """

    offsets: Ints
    users: Ints
    residuals: npt.NDArray[np.float32]

    @classmethod
    def of(
        cls,
        users: Ints,
        items: Ints,
        residuals: npt.NDArray[np.float32],
        taken: npt.NDArray[np.bool_],
        num_items: int,
        most: int,
        rng: np.random.Generator,
    ) -> RatersOfItems:
        """At most so many of an item's raters, drawn at random.

        Args:
            users, items: [interactions] indices of the vocabularies.
            residuals: [interactions] float32.
            taken: [interactions] whether the item was taken rather than shown alone.
            num_items: size of the vocabulary; interactions with other items are left out.
            most: raters an item.
            rng: draws them.
        """
        rows = rng.permutation(np.flatnonzero(taken & (items >= 0) & (items < num_items)))
        _, once = np.unique(np.stack([items[rows], users[rows]]), axis=1, return_index=True)
        rows = rows[np.sort(once)]
        rows = rows[np.argsort(items[rows], kind="stable")]
        counts = np.bincount(items[rows], minlength=num_items)
        rank = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        kept = rows[rank < most]
        kept = kept[np.lexsort((users[kept], items[kept]))]
        return cls(offsets_of(np.minimum(counts, most)), users[kept], residuals[kept])


class Raters(tf.keras.layers.Layer):
    """Σ (g_u + e_u h_u) / √(m + 1) over the m raters of an item: `RatedHistory` the other way round.

    g and h are embeddings of users, e_u the residual of the target. An item is so described by whom it pleased. The sum
    of each item is the same for all queries: `settle` keeps it, for evaluation and serving.
    """

    def __init__(self, users: int, dimension: int, raters: RatersOfItems) -> None:
        """Builds the table.

        Args:
            users: size of the user vocabulary.
            dimension: width of the vector.
            raters: of each item of the vocabulary.
        """
        super().__init__()
        self._items, self._dimension = len(raters.offsets) - 1, dimension
        lengths = np.diff(raters.offsets)
        # One item more, without raters, stands for every unknown one.
        self._starts, self._counts = tf.constant(raters.offsets), tf.constant(np.append(lengths, 0))
        self._users, self._residuals = tf.constant(raters.users), tf.constant(raters.residuals)
        self._keys = tf.constant(np.repeat(np.arange(self._items), lengths) * (users + 1) + raters.users)
        self._stride = users + 1
        initializer = tf.keras.initializers.RandomNormal(stddev=0.1 / dimension**0.5)
        self.table = self.add_weight("table", [max(users, 1), 2 * dimension], initializer=initializer)
        self._settled = self.add_weight("settled", [self._items + 1, dimension], initializer="zeros", trainable=False)

    def call(self, items: tf.Tensor, training: bool = False) -> tf.Tensor:
        """[n, dimension] float32 of items [n] of the vocabulary: zeros for the unknown; as settled unless training."""
        places = self._place(items)
        if not training:
            return tf.gather(self._settled, places)
        starts = tf.gather(self._starts, places)
        rows = tf.ragged.range(starts, starts + tf.gather(self._counts, places))
        terms = self.terms(tf.gather(self._users, rows.values), tf.gather(self._residuals, rows.values))
        totals = tf.math.unsorted_segment_sum(terms, rows.value_rowids(), tf.shape(places)[0])
        return totals * tf.math.rsqrt(self.counts(items) + 1.0)[:, None]

    def terms(self, users: tf.Tensor, residuals: tf.Tensor) -> tf.Tensor:
        """[n, dimension] float32: what raters [n] with residuals [n] add to the sum of their item."""
        known = tf.clip_by_value(tf.cast(users, tf.int64), 0, self.table.shape[0] - 1)
        took, liked = tf.split(tf.gather(self.table, known), 2, axis=1)
        return took + liked * residuals[:, None]

    def counts(self, items: tf.Tensor) -> tf.Tensor:
        """[n] float32: how many raters of items [n] there are."""
        return tf.cast(tf.gather(self._counts, self._place(items)), tf.float32)

    def found(self, items: tf.Tensor, users: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Which pairs of items and users [n] are an item and a rater of it.

        Returns:
            [n] float32: 1 for those, else 0; and [n] float32 residuals, 0 for the others.
        """
        wanted = self._place(items) * self._stride + tf.clip_by_value(tf.cast(users, tf.int64), 0, self._stride - 1)
        keys = tf.concat([self._keys, [wanted.dtype.max]], axis=0)
        places = tf.searchsorted(keys, wanted)
        is_rater = tf.cast(tf.gather(keys, places) == wanted, tf.float32)
        return is_rater, is_rater * tf.gather(tf.pad(self._residuals, [[0, 1]]), places)

    def settle(self) -> None:
        """Keeps the vectors that the table gives now."""
        starts = range(0, self._items, _ITEMS_AT_ONCE)
        items = [tf.range(start, min(start + _ITEMS_AT_ONCE, self._items), dtype=tf.int64) for start in starts]
        unknown = tf.zeros([1, self._dimension])
        # As a whole: variables of several workers have no other assignment.
        self._settled.assign(tf.concat([*(self(some, training=True) for some in items), unknown], axis=0))

    def _place(self, items: tf.Tensor) -> tf.Tensor:
        items = tf.cast(items, tf.int64)
        return tf.where((items >= 0) & (items < self._items), items, self._items)


def without_one(pooled: tf.Tensor, counts: tf.Tensor, own: tf.Tensor, is_in: tf.Tensor) -> tf.Tensor:
    """A sum divided by √(count + 1), without one of its terms.

    Args:
        pooled: [n, dimension] float32.
        counts: [n] float32 how many terms each one has.
        own: [n, dimension] float32 the terms to take out.
        is_in: [n] float32, 1 where that term is in the sum, else 0.

    Returns:
        [n, dimension] float32, as if the term had never been there.
    """
    total = pooled * tf.sqrt(counts + 1.0)[:, None] - own * is_in[:, None]
    return total * tf.math.rsqrt(counts + 1.0 - is_in)[:, None]
