"""The vector of a user that explains best what they took: the mode of a posterior under softmax choice."""

from __future__ import annotations

import dataclasses

import numpy as np
import tensorflow as tf

STEPS = 5
_LONGEST = 1.5  # standard deviations of the scores, as they are spread over the items, in a step
_LEAST = 1e-30


@dataclasses.dataclass(frozen=True)
class Competitors:
    """The items that compete for every choice.

    Attributes:
        vectors: [N, d] float32.
        products: [N, d (d + 1) / 2] float32 of each vector's coordinates, every two once; see `products_of`.
        biases: [N] float32; far below all others for what does not compete.
    """

    vectors: tf.Tensor
    products: tf.Tensor
    biases: tf.Tensor


def products_of(vectors: tf.Tensor) -> tf.Tensor:
    """[N, d (d + 1) / 2] float32 of vectors [N, d]: each coordinate times itself and those after it."""
    first, second = np.triu_indices(vectors.shape[1])
    return tf.gather(vectors, first, axis=1) * tf.gather(vectors, second, axis=1)


def square(products: tf.Tensor, width: int) -> tf.Tensor:
    """[B, width, width] symmetric matrices, of [B, width (width + 1) / 2] what stands on and above the diagonals."""
    places = np.zeros([width, width], np.int32)
    places[np.triu_indices(width)] = np.arange(width * (width + 1) // 2)
    places = np.maximum(places, places.T)
    return tf.reshape(tf.gather(products, places.ravel(), axis=1), [-1, width, width])


def softmax_mode(
    items: Competitors,
    chosen: tf.Tensor,
    evidence: tf.Tensor,
    mean: tf.Tensor,
    precision: tf.Tensor,
    steps: int = STEPS,
) -> tf.Tensor:
    """The mode of log N(x; mean, precision⁻¹) + Σ evidenceₖ · log P(chosenₖ | x), one item chosen after the other.

    P is a softmax of the scores x·v + b over all items but those chosen before: what explains a choice already is not
    counted again, as it would be in a sum of the items' vectors. Fold-in of this kind is known from factorisation with
    squared errors (Hu, Koren and Volinsky, ICDM 2008; Rendle et al., "iALS++", 2021), where it has a closed form; with
    a multinomial likelihood (Liang et al., WWW 2018) it takes some steps of Newton's method. They are damped, so that
    none moves the scores by more than what the next one can mend.

    Args:
        items: [N] that compete.
        chosen: [B, H] int places among these, oldest first, none twice in a row; anything where there is no evidence.
        evidence: [B, H] float32, 0 for pads.
        mean: [B, d] float32 of the prior.
        precision: [d, d] float32 of the prior.
        steps: of Newton's method.

    Returns:
        [B, d] float32; the mean where there is no evidence.
    """
    width = mean.shape[1]
    own = tf.einsum("bh,bhd->bd", evidence, tf.gather(items.vectors, chosen))
    number = tf.reduce_sum(evidence, axis=1, keepdims=True)
    vector = mean
    for _ in range(steps):
        odds = _odds(items, chosen, evidence, vector)
        expected = tf.matmul(odds, items.vectors)
        share = tf.math.divide_no_nan(1.0, number)[:, :, tf.newaxis]
        second = square(tf.matmul(odds, items.products), width)
        spread = second - share * expected[:, :, tf.newaxis] * expected[:, tf.newaxis, :]
        slope = own - expected - tf.matmul(vector - mean, precision)
        step = tf.linalg.solve(spread + precision, slope[:, :, tf.newaxis])
        moved = tf.matmul(step, tf.matmul(spread, step), transpose_a=True) * share
        length = tf.sqrt(tf.maximum(moved[:, :, 0], 1e-12))
        vector += step[:, :, 0] * tf.minimum(1.0, _LONGEST / length)
    return vector


def _odds(items: Competitors, chosen: tf.Tensor, evidence: tf.Tensor, vector: tf.Tensor) -> tf.Tensor:
    """[B, N] how much of the evidence was to be expected of each item."""
    scores = tf.matmul(vector, items.vectors, transpose_b=True) + items.biases
    odds = tf.exp(scores - tf.reduce_max(scores, axis=1, keepdims=True))
    own = tf.gather(odds, chosen, batch_dims=1) * tf.sign(evidence)
    total = tf.reduce_sum(odds, axis=1, keepdims=True)
    left = tf.maximum(total - tf.cumsum(own, axis=1, exclusive=True), own + _LEAST)
    shares = evidence / left
    until = tf.cumsum(shares, axis=1)
    # An item competes until it is chosen, and all the time if it never is.
    everywhere = until[:, -1:]
    rows = tf.repeat(tf.range(tf.shape(chosen)[0])[:, tf.newaxis], tf.shape(chosen)[1], axis=1)
    places = tf.stack([rows, tf.cast(chosen, tf.int32)], axis=2)
    return tf.tensor_scatter_nd_add(odds * everywhere, places, own * (until - everywhere))
