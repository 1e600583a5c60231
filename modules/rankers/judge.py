"""(query, its candidates) → will it be taken, and with which target."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from modules.rankers.candidate_encoder import CANDIDATE_FIELDS
from modules.rankers.dcn import DcnInteraction
from modules.rankers.dlrm import DlrmInteraction
from modules.rankers.mlp import MlpInteraction
from modules.rankers.ncf import NcfInteraction
from modules.rankers.query_encoder import QUERY_FIELDS
from modules.rankers.target_levels import TargetLevels
from modules.ranking_config import RankingConfig

INTERACTIONS: dict[str, Callable[[RankingConfig], tf.keras.layers.Layer]] = {
    "mlp": MlpInteraction,
    "ncf": NcfInteraction,
    "dlrm": DlrmInteraction,
    "dcn": DcnInteraction,
}

NOT_DESCRIBED = 2  # the first so many vectors come neither from features nor from the newest items alone


class Judge(tf.keras.layers.Layer):
    """Biases, a weighted inner product of the summed vectors, and what the kind of ranker adds to that.

    So every kind begins as matrix factorisation and learns what that cannot say. A predicted target stays within what
    the train split holds.
    """

    def __init__(self, config: RankingConfig, levels: TargetLevels | None) -> None:
        """Builds the layers; no target is predicted if `levels` is None."""
        super().__init__()
        self._dimension, self._levels = config.dimension, levels
        self._interaction = INTERACTIONS[config.kind](config)
        self._taken, self._taken_product = _head("glorot_uniform"), _product_head()
        if levels:
            self._target, self._target_product = _head("zeros"), _product_head()

    def call(self, query: tf.Tensor, candidates: tf.Tensor, training: bool = False) -> dict[str, tf.Tensor]:
        """Judges K candidates of each query.

        Args:
            query: [batch, 4 · dimension + 1] float32 of `QueryEncoder`.
            candidates: [batch, K, 3 · dimension + 3] float32 of `CandidateEncoder`.
            training: whether dropout applies, and targets may leave the range of the train split.

        Returns:
            "taken" [batch, K] float32 logits and, with a target, "target" [batch, K] float32 in its units.
        """
        of_query, offset = _fields(query, QUERY_FIELDS, self._dimension)
        of_candidates, biases = _fields(candidates, CANDIDATE_FIELDS, self._dimension)
        hidden = self._interaction(of_query, of_candidates, training=training)
        product = _product(of_query, of_candidates)
        judged = {"taken": biases[:, :, 0] + (self._taken(hidden) + self._taken_product(product))[:, :, 0]}
        if self._levels:
            level = self._levels.mean + offset + biases[:, :, 1]
            product = _product(of_query[:, :NOT_DESCRIBED], of_candidates[:, :, :NOT_DESCRIBED])
            target = level + (self._target(hidden) + self._target_product(product))[:, :, 0]
            if not training:
                target = tf.clip_by_value(target, self._levels.lowest, self._levels.highest)
            judged["target"] = target
        return judged


def _fields(encoding: tf.Tensor, fields: int, dimension: int) -> tuple[tf.Tensor, tf.Tensor]:
    """The vectors of an encoding […, fields, dimension], and what comes after them […, rest]."""
    several = tf.stack(tf.split(encoding[..., : fields * dimension], fields, axis=-1), axis=-2)
    return several, encoding[..., fields * dimension :]


def _product(of_query: tf.Tensor, of_candidates: tf.Tensor) -> tf.Tensor:
    """[batch, K, dimension] product of the sums of some vectors."""
    return tf.reduce_sum(of_query, axis=1)[:, None, :] * tf.reduce_sum(of_candidates, axis=2)


def _head(initializer: str) -> tf.keras.layers.Layer:
    return tf.keras.layers.Dense(1, kernel_initializer=initializer)


def _product_head() -> tf.keras.layers.Layer:
    """Weights of the coordinates of the product: with ones it begins as the inner product."""
    return tf.keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
