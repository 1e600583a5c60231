"""Causal self-attention over the past."""

from __future__ import annotations

import tensorflow as tf

FORBIDDEN = -1e9


class TransformerEncoder(tf.keras.layers.Layer):
    """What a user is after, told by attention over the items so far.

    After Kang and McAuley, "Self-attentive sequential recommendation" (SASRec, ICDM 2018), with layer normalisation
    ahead of each part, and with positions that say how long ago an item was rather than how far from the beginning
    (as the biases of Raffel et al., "T5", JMLR 2020): a state then means the same in a long history, in its newest part
    and in a window cut out for training.
    """

    def __init__(self, dimension: int, length: int, blocks: int = 2, heads: int = 2, dropout: float = 0.2) -> None:
        """Builds the blocks.

        Args:
            dimension: width of vectors and states, a multiple of `heads`.
            length: items that a position of its own is learned for.
            blocks: how many follow one another.
            heads: of each block's attention.
            dropout: share of each part's result that is hidden while training. (Not of attention itself: that would
                cost a third of the time.)
        """
        super().__init__()
        self._dropout = tf.keras.layers.Dropout(dropout)
        self._blocks = [_Block(dimension, length, heads, dropout) for _ in range(blocks)]
        self._normalised = tf.keras.layers.LayerNormalization()

    def call(self, vectors: tf.Tensor, training: bool = False) -> tf.Tensor:
        """States of a batch of sequences.

        Args:
            vectors: [batch, length, dimension] float32 of the items, oldest first; pads come last.
            training: whether dropout applies.

        Returns:
            [batch, length, dimension] float32; state t has seen vectors 0 to t. Those of pads mean nothing.
        """
        states = self._dropout(vectors, training=training)
        for block in self._blocks:
            states = block(states, training=training)
        return self._normalised(states)


class _Block(tf.keras.layers.Layer):
    """Attention to the items so far, then a dense layer a place; each added to what went in."""

    WIDENING = 2

    def __init__(self, dimension: int, length: int, heads: int, dropout: float) -> None:
        super().__init__()
        self._attention = CausalAttention(dimension, length, heads)
        self._wide = tf.keras.layers.Dense(self.WIDENING * dimension, activation="gelu")
        self._narrow = tf.keras.layers.Dense(dimension)
        self._before = [tf.keras.layers.LayerNormalization() for _ in range(2)]
        self._dropout = tf.keras.layers.Dropout(dropout)

    def call(self, states: tf.Tensor, training: bool = False) -> tf.Tensor:
        """[batch, length, dimension] float32 → the same."""
        seen = self._attention(self._before[0](states))
        states += self._dropout(seen, training=training)
        thought = self._narrow(self._wide(self._before[1](states)))
        return states + self._dropout(thought, training=training)


class CausalAttention(tf.keras.layers.Layer):
    """Attention of several heads in which no place sees a later one.

    So pads need no mask as long as they come last.
    """

    def __init__(self, dimension: int, length: int, heads: int) -> None:
        """See `TransformerEncoder`."""
        super().__init__()
        self._heads, self._length, self._width = heads, length, dimension // heads
        self._inputs = tf.keras.layers.Dense(3 * dimension)
        self._output = tf.keras.layers.Dense(dimension)
        # How much each head cares for an item that is 0, 1, … places back.
        self._back = self.add_weight("back", [heads, length], initializer="zeros")

    def call(self, states: tf.Tensor) -> tf.Tensor:
        """[batch, length, dimension] float32 → the same."""
        batch, length = tf.unstack(tf.shape(states))[:2]
        parts = tf.reshape(self._inputs(states), [batch, length, 3, self._heads, self._width])
        query, key, value = tf.unstack(tf.transpose(parts, [2, 0, 3, 1, 4]))
        scores = tf.matmul(query * self._width**-0.5, key, transpose_b=True) + self._biases(length)
        heads = tf.transpose(tf.matmul(tf.nn.softmax(scores), value), [0, 2, 1, 3])
        return self._output(tf.reshape(heads, [batch, length, self._heads * self._width]))

    def _biases(self, length: tf.Tensor) -> tf.Tensor:
        """[heads, length, length]: of the place in the row, for the place in the column."""
        places = tf.range(length)
        back = places[:, None] - places[None, :]
        biases = tf.gather(self._back, tf.clip_by_value(back, 0, self._length - 1), axis=1)
        return tf.where(back >= 0, biases, FORBIDDEN)
