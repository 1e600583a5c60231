"""The last order of an answer: relevance against sameness, the wanted mix, limits per category, room for the new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import tensorflow as tf

from modules.serving.calibration import Calibration

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
    calibration: Calibration | None = None,
    exploration: float = 0.0,
    fresh: tf.Tensor | None = None,
) -> tf.Tensor:
    """Chooses k candidates one after the other, each the best that is left given those chosen before it.

    With diversity λ the best is the one of greatest (1 - λ) · relevance - λ · (cosine to the most similar one chosen):
    maximal marginal relevance (Carbonell & Goldstein, SIGIR 1998; their λ is our 1 - λ). Relevance is the score,
    min-max normalised to [0, 1] over the row's candidates. With calibration of strength γ that value counts 1 - γ, and
    γ · (distance from the wanted mix) is taken off. A cap keeps out candidates that would exceed it; it yields where no
    others are left. Of the first n places, the whole part of n · exploration are for fresh candidates: each the best
    fresh one left that keeps the caps or, without one, whoever would have had the place. Without all that, this is the
    plain order of the scores.

    Args:
        scores: [B, K] float32; -inf = not a candidate; +inf = pinned: ahead of all, in the order of the columns,
            whatever the caps (it counts for them, though).
        vectors: [B, K, D] float32; only used with diversity.
        category_codes: for each capped column, [B, K, M] int32 codes of the candidate's values, -1 pads.
        k: int32 scalar ≥ 0, may be known at run time only.
        diversity: λ in [0, 1); 0 = off.
        caps: column → most chosen candidates that may share a value.
        caps_yield: False = better fewer candidates than one that exceeds a cap.
        calibration: the wanted mix; None = off.
        exploration: share of the places in [0, 1).
        fresh: [B, K] bool; only used with exploration.

    Returns:
        [B, k] int32 column numbers; -1 where no candidate is left. Of equals the leftmost comes first.
    """
    k = tf.convert_to_tensor(k, tf.int32)
    steps = tf.minimum(k, tf.shape(scores)[1])
    if diversity or caps or calibration or exploration:
        limits = caps or {}
        codes = [category_codes[column] for column in limits]
        value = _Value(scores, vectors, diversity, calibration)
        order = _greedy(scores, value, codes, list(limits.values()), steps, caps_yield, exploration, fresh)
    else:
        best, order = tf.math.top_k(scores, steps)
        order = tf.where(best > float("-inf"), order, -1)
    return tf.pad(order, [[0, 0], [0, k - steps]], constant_values=-1)


class _Value:
    """What each candidate is worth, given those chosen before."""

    def __init__(
        self, scores: tf.Tensor, vectors: tf.Tensor | None, diversity: float, calibration: Calibration | None
    ) -> None:
        """Args as of `rerank`."""
        self._scores, self._diversity, self._calibration = scores, diversity, calibration
        self._relevance = (1 - diversity) * _normalised(scores)
        self._unit = tf.math.l2_normalize(vectors, axis=2) if diversity else None

    def start(self) -> tuple[tf.Tensor, tf.Tensor]:
        """The state before anything is chosen: the greatest cosine to what was chosen [B, K], and its mix [B, G]."""
        nearest = tf.fill(tf.shape(self._scores), _LEAST_COSINE)
        nearest.set_shape(self._scores.shape)
        return nearest, self._calibration.nothing() if self._calibration else tf.zeros_like(self._scores[:, :0])

    def of(self, nearest: tf.Tensor, mix: tf.Tensor) -> tf.Tensor:
        """[B, K] float32 of every candidate."""
        value = self._relevance - self._diversity * nearest
        if self._calibration is None:
            return value
        strength = self._calibration.strength
        return (1 - strength) * value - strength * self._calibration.distance(mix)

    def after(self, nearest: tf.Tensor, mix: tf.Tensor, choice: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The state once `choice` [B] int32 is chosen."""
        if self._unit is not None:
            chosen = tf.gather(self._unit, choice, batch_dims=1)
            nearest = tf.maximum(nearest, tf.linalg.matvec(self._unit, chosen))
        return nearest, self._calibration.added(mix, choice) if self._calibration else mix


def _greedy(
    scores: tf.Tensor,
    value: _Value,
    codes: Sequence[tf.Tensor],
    limits: Sequence[int],
    steps: tf.Tensor,
    caps_yield: bool,
    exploration: float,
    fresh: tf.Tensor | None,
) -> tf.Tensor:
    """The order [B, steps] for `rerank` where there is more to it than sorting."""
    width = tf.shape(scores)[1]
    pinned = tf.math.is_inf(scores) & (scores > 0)

    def choose(
        order: tf.Tensor, left: tf.Tensor, nearest: tf.Tensor, mix: tf.Tensor, used: Sequence[tf.Tensor]
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, list[tf.Tensor]]:
        within = left
        for column, counts, limit in zip(codes, used, limits, strict=True):
            within &= ~tf.reduce_any((column >= 0) & (counts >= limit), axis=2)
        eligible = within | (pinned & left)
        if caps_yield:
            eligible = tf.where(tf.reduce_any(eligible, axis=1, keepdims=True), eligible, left)
        if exploration and fresh is not None:
            new = within & fresh
            explored = tf.reduce_any(new, axis=1) & ~tf.reduce_any(pinned & left, axis=1)
            explored &= _is_explored(tf.shape(order)[1], exploration)
            eligible = tf.where(explored[:, tf.newaxis], new, eligible)
        worth = tf.where(eligible, value.of(nearest, mix), float("-inf"))
        worth = tf.where(pinned & eligible, float("inf"), worth)
        choice = tf.argmax(worth, axis=1, output_type=tf.int32)
        found = tf.where(tf.reduce_any(eligible, axis=1), choice, -1)
        order = tf.concat([order, found[:, tf.newaxis]], axis=1)
        nearest, mix = value.after(nearest, mix, choice)
        used = [counts + _shared(column, choice) for column, counts in zip(codes, used, strict=True)]
        left &= ~tf.one_hot(choice, width, on_value=True, off_value=False)
        return order, left, nearest, mix, used

    nearest, mix = value.start()
    nothing = tf.zeros([tf.shape(scores)[0], 0], tf.int32)
    start = (nothing, scores > float("-inf"), nearest, mix, [tf.zeros_like(column) for column in codes])
    shapes = (tf.TensorShape([None, None]), scores.shape, nearest.shape, mix.shape, [column.shape for column in codes])
    order, *_ = tf.while_loop(
        lambda order, *_: tf.shape(order)[1] < steps, choose, start, shapes, parallel_iterations=1
    )
    return order


def _is_explored(place: tf.Tensor, share: float) -> tf.Tensor:
    """Whether a place (from 0) is one of the fresh candidates': of the first n, the whole part of n · share are."""
    # Shares are decimal fractions: 10 · 0.1 must not come out below 1.
    before, after = (tf.floor((tf.cast(place, tf.float64) + more) * share + 1e-9) for more in (0, 1))
    return after > before


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
