"""The last order of an answer: relevance against sameness, and limits per category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import tensorflow as tf

_LEAST_COSINE = -1.0


def rerank(
    scores: tf.Tensor,
    vectors: tf.Tensor | None,
    category_codes: Mapping[str, tf.Tensor],
    k: tf.Tensor | int,
    *,
    diversity: float = 0.0,
    caps: Mapping[str, int] | None = None,
    caps_yield: bool = True,
) -> tf.Tensor:
    """Chooses k candidates one after the other, each the best that is left given those chosen before it.

    With diversity λ the best is the one of greatest (1 - λ) · relevance - λ · (cosine to the most similar one chosen):
    maximal marginal relevance (Carbonell & Goldstein, SIGIR 1998; their λ is our 1 - λ). Relevance is the score,
    min-max normalised to [0, 1] over the row's candidates. A cap keeps out candidates that would exceed it; it
    yields where no others are left. Without diversity and caps this is the plain order of the scores.

    Args:
        scores: [B, K] float32; -inf = not a candidate; +inf = pinned: ahead of all, in the order of the columns,
            whatever the caps (it counts for them, though).
        vectors: [B, K, D] float32; only used with diversity.
        category_codes: for each capped column, [B, K, M] int32 codes of the candidate's values, -1 pads.
        k: int32 scalar ≥ 0, may be known at run time only.
        diversity: λ in [0, 1); 0 = off.
        caps: column → most chosen candidates that may share a value.
        caps_yield: False = better fewer candidates than one that exceeds a cap.

    Returns:
        [B, k] int32 column numbers; -1 where no candidate is left. Of equals the leftmost comes first.
    """
    k = tf.convert_to_tensor(k, tf.int32)
    steps = tf.minimum(k, tf.shape(scores)[1])
    if diversity or caps:
        order = _greedy(scores, vectors, category_codes, steps, diversity, caps or {}, caps_yield)
    else:
        best, order = tf.math.top_k(scores, steps)
        order = tf.where(best > float("-inf"), order, -1)
    return tf.pad(order, [[0, 0], [0, k - steps]], constant_values=-1)


def _greedy(
    scores: tf.Tensor,
    vectors: tf.Tensor | None,
    category_codes: Mapping[str, tf.Tensor],
    steps: tf.Tensor,
    diversity: float,
    caps: Mapping[str, int],
    caps_yield: bool,
) -> tf.Tensor:
    """The order [B, steps] for `rerank` where there is more to it than sorting."""
    width = tf.shape(scores)[1]
    pinned = tf.math.is_inf(scores) & (scores > 0)
    relevance = (1 - diversity) * _normalised(scores)
    unit = tf.math.l2_normalize(vectors, axis=2) if diversity else None
    limits = list(caps.values())
    codes = [category_codes[column] for column in caps]

    def choose(
        order: tf.Tensor, left: tf.Tensor, nearest: tf.Tensor, used: Sequence[tf.Tensor]
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, list[tf.Tensor]]:
        within = left
        for column, counts, limit in zip(codes, used, limits, strict=True):
            within &= ~tf.reduce_any((column >= 0) & (counts >= limit), axis=2)
        eligible = within | (pinned & left)
        if caps_yield:
            eligible = tf.where(tf.reduce_any(eligible, axis=1, keepdims=True), eligible, left)
        value = tf.where(eligible, relevance - diversity * nearest, float("-inf"))
        value = tf.where(pinned & eligible, float("inf"), value)
        choice = tf.argmax(value, axis=1, output_type=tf.int32)
        found = tf.where(tf.reduce_any(eligible, axis=1), choice, -1)
        order = tf.concat([order, found[:, tf.newaxis]], axis=1)
        if unit is not None:
            chosen = tf.gather(unit, choice, batch_dims=1)
            nearest = tf.maximum(nearest, tf.linalg.matvec(unit, chosen))
        used = [counts + _shared(column, choice) for column, counts in zip(codes, used, strict=True)]
        left &= ~tf.one_hot(choice, width, on_value=True, off_value=False)
        return order, left, nearest, used

    start = (
        tf.zeros([tf.shape(scores)[0], 0], tf.int32),
        scores > float("-inf"),
        tf.fill(tf.shape(scores), _LEAST_COSINE),
        [tf.zeros_like(column) for column in codes],
    )
    shapes = (tf.TensorShape([None, None]), scores.shape, scores.shape, [column.shape for column in codes])
    order, *_ = tf.while_loop(
        lambda order, *_: tf.shape(order)[1] < steps, choose, start, shapes, parallel_iterations=1
    )
    return order


def _normalised(scores: tf.Tensor) -> tf.Tensor:
    """`scores` [B, K] moved to [0, 1] row by row over the finite ones; the others and rows of equals become 0."""
    finite = tf.math.is_finite(scores)
    low = tf.reduce_min(tf.where(finite, scores, float("inf")), axis=1, keepdims=True)
    high = tf.reduce_max(tf.where(finite, scores, float("-inf")), axis=1, keepdims=True)
    return tf.math.divide_no_nan(tf.where(finite, scores - low, 0.0), high - low)


def _shared(codes: tf.Tensor, choice: tf.Tensor) -> tf.Tensor:
    """1 where a value of `codes` [B, K, M] is one of the chosen candidate's values, else 0. Shape of `codes`."""
    chosen = tf.gather(codes, choice, batch_dims=1)
    same = codes[:, :, :, tf.newaxis] == chosen[:, tf.newaxis, tf.newaxis, :]
    return tf.cast(tf.reduce_any(same, axis=3), codes.dtype)
