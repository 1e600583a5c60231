"""The best of wide rows of scores, found by blocks: a plain top-k of a million columns costs more than scoring them."""

from __future__ import annotations

import dataclasses

import tensorflow as tf

NOTHING = float("-inf")


@dataclasses.dataclass(frozen=True)
class Hidden:
    """Columns that do not count.

    Attributes:
        rows, columns: [P] int32, a pair each.
        most: [] int32, an upper bound of the blocks of a row whose greatest score may be one of these.
    """

    rows: tf.Tensor
    columns: tf.Tensor
    most: tf.Tensor

    @classmethod
    def of(cls, columns: tf.RaggedTensor) -> Hidden:
        """From the columns [B, None] int32 of each row; negative ones are left out."""
        rows, real = tf.cast(columns.value_rowids(), tf.int32), columns.values >= 0
        each = tf.math.unsorted_segment_sum(tf.cast(real, tf.int32), rows, tf.cast(columns.nrows(), tf.int32))
        most = tf.reduce_max(tf.concat([[0], each], axis=0))
        return cls(tf.boolean_mask(rows, real), tf.boolean_mask(columns.values, real), most)


def best_columns(
    scores: tf.Tensor, k: tf.Tensor, block: int, hidden: Hidden | None = None
) -> tuple[tf.Tensor, tf.Tensor]:
    """The k greatest scores of each row, best first; of equal ones the leftmost comes first.

    Two stages: the blocks with the greatest maxima, then the best inside them. That is exact. A block that holds one of
    the k best is left out only if k + most others have a greater maximum (or an equal one further left), of which at
    least k maxima count.

    Args:
        scores: [B, n] float32, n a multiple of `block`; -inf = not there.
        k: int32 scalar, 0 ≤ k ≤ n.
        block: columns a block.
        hidden: what must not be found; None = all may be.

    Returns:
        scores [B, k] float32, -inf where nothing is left, and columns [B, k] int32, of no meaning there.
    """
    blocks = tf.shape(scores)[1] // block
    count = k + hidden.most if hidden else k
    best, columns = tf.cond(
        blocks >= 2 * count,
        lambda: _two_stages(scores, k, block, blocks, count, hidden),
        lambda: _one_stage(scores, k, hidden),
    )
    return best, columns


def _one_stage(scores: tf.Tensor, k: tf.Tensor, hidden: Hidden | None) -> tuple[tf.Tensor, tf.Tensor]:
    best, columns = tf.math.top_k(_without(scores, hidden.rows, hidden.columns) if hidden else scores, k)
    return best, columns


def _two_stages(
    scores: tf.Tensor, k: tf.Tensor, block: int, blocks: tf.Tensor, count: tf.Tensor, hidden: Hidden | None
) -> tuple[tf.Tensor, tf.Tensor]:
    batch = tf.shape(scores)[0]
    grouped = tf.reshape(scores, [batch, blocks, block])
    _, chosen = tf.math.top_k(tf.reduce_max(grouped, axis=2), count)
    chosen = tf.sort(chosen, axis=1)  # in order of column, so that ties fall as in a plain top-k
    inside = tf.reshape(tf.gather(grouped, chosen, batch_dims=1), [batch, count * block])
    if hidden:  # only now: written into all of the scores, it would cost a copy of them
        place = place_among(chosen, blocks, hidden.rows, hidden.columns // block)
        found = place >= 0
        columns = tf.where(found, place * block + hidden.columns % block, 0)
        inside = _without(inside, tf.boolean_mask(hidden.rows, found), tf.boolean_mask(columns, found))
    best, places = tf.math.top_k(inside, k)
    return best, tf.gather(chosen, places // block, batch_dims=1) * block + places % block


def place_among(chosen: tf.Tensor, width: tf.Tensor, rows: tf.Tensor, values: tf.Tensor) -> tf.Tensor:
    """[P] int32: where in row `rows` [P] of `chosen` [B, c] int32 `values` [P] stands, -1 where it does not.

    A row of `chosen` holds each value once, from 0 to below `width`.
    """
    batch, count = tf.unstack(tf.shape(chosen))
    owners = tf.repeat(tf.range(batch), count)
    pairs = tf.stack([owners, tf.reshape(chosen, [-1])], axis=1)
    places = tf.scatter_nd(pairs, tf.tile(tf.range(1, count + 1), [batch]), tf.stack([batch, width]))
    return tf.gather_nd(places, tf.stack([rows, values], axis=1)) - 1


def _without(scores: tf.Tensor, rows: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    """`scores` with -inf in some places."""
    pairs = tf.stack([rows, columns], axis=1)
    return tf.tensor_scatter_nd_update(scores, pairs, tf.fill(tf.shape(rows), NOTHING))
