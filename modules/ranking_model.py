"""The ranker while it is trained: what it makes of a batch, and its losses.

Three tasks share the encodings: was the item taken rather than the ones retrieval would have shown beside it (softmax
over one positive and mined negatives), was it taken when it was shown (logistic, where train says what was shown and
not taken), and with which target (squared error), on TensorFlow Recommenders' `Ranking` task.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tensorflow_recommenders as tfrs

from modules.catalogue_model import CatalogueModel
from modules.negatives import HAS_NEGATIVES, NEGATIVES
from modules.rankers.candidate_encoder import CandidateEncoder
from modules.rankers.judge import Judge
from modules.rankers.past import sums_of_past
from modules.rankers.query_encoder import QueryEncoder
from modules.ranking_config import RankingConfig
from modules.ranking_rows import IN_HISTORY, RankingRows, in_order
from modules.roles import WEIGHT
from modules.training_data import CANDIDATE_ROW, TrainingData
from modules.user_batches import FIRST, IS_OWN, LAST, NEWEST

HISTORY_DECAY = 160.0  # interactions: as if each row of the tables of histories and raters had been met so often


class RankingModel(CatalogueModel):
    """The ranker and its losses.

    Attributes:
        query_encoder, candidate_encoder, judge: see `rankers`.
    """

    def __init__(self, data: TrainingData, rows: RankingRows, config: RankingConfig) -> None:
        """Builds the layers for the columns and vocabularies of the data, and the `rows` of its train split."""
        super().__init__(data.catalogue)
        self._config, self._roles = config, data.roles
        self.query_encoder = QueryEncoder(data.roles, data.graph, config, rows.levels, in_order(data))
        self.candidate_encoder = CandidateEncoder(data.roles, data.graph, config, rows.levels, rows.raters)
        self.judge = Judge(config, rows.levels)
        weights = data.train[WEIGHT]
        self._tells_shown = bool((weights == 0).any() and (weights > 0).any())
        self._history_decay = HISTORY_DECAY * config.embedding_decay / len(weights)
        losses, total = tf.keras.losses, tf.keras.losses.Reduction.SUM
        self._target_task = tfrs.tasks.Ranking(loss=losses.MeanSquaredError(total))
        self._taken_task = tfrs.tasks.Ranking(loss=losses.CategoricalCrossentropy(from_logits=True, reduction=total))
        self._shown_task = tfrs.tasks.Ranking(loss=losses.BinaryCrossentropy(from_logits=True, reduction=total))

    def encode_items(self, rows: tf.Tensor, training: bool = False) -> tf.Tensor:
        """[…, width] encodings of the items in rows […] of the catalogue."""
        return self.of_items(self.candidate_encoder, rows, training)

    def compute_loss(self, inputs: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """The weighted sum of the losses, each a mean over the rows.

        Args:
            inputs: transformed query columns, `CANDIDATE_ROW`, `NEGATIVES`, `HAS_NEGATIVES`, `WEIGHT` and the target;
                of the train split also what `UserBatches` and `RankingRows` add, but no histories.
            training: whether dropout applies and negatives are drawn at random.
        """
        config, rows = self._config, tf.shape(inputs[CANDIDATE_ROW])[0]
        query = self._encode_queries(inputs, training)
        compared = tf.where(inputs[HAS_NEGATIVES] > 0)[:, 0]
        negatives = self._draw(tf.gather(inputs[NEGATIVES], compared), training)
        items = tf.concat([tf.cast(inputs[CANDIDATE_ROW], tf.int32), tf.reshape(negatives, [-1])], axis=0)
        encoded = self.encode_items(items, training)
        if FIRST in inputs:
            users = inputs[self._roles.user_id]
            users = tf.concat([users, tf.repeat(tf.gather(users, compared), config.negatives)], axis=0)
            indices = tf.gather(self._items[self._roles.item_id], items)
            encoded = self.candidate_encoder.without_rater(encoded, indices, users)
        own, others = encoded[:rows], encoded[rows:]
        judged = {name: values[:, 0] for name, values in self.judge(query, own[:, None, :], training=training).items()}
        others = tf.reshape(others, [-1, config.negatives, own.shape[-1]])
        rivals = self.judge(tf.gather(query, compared), others, training=training)["taken"]
        logits = tf.concat([tf.gather(judged["taken"], compared)[:, None], rivals], axis=1)
        loss = config.taken_weight * self._taken_task(
            labels=tf.one_hot(tf.zeros_like(compared), config.negatives + 1),
            predictions=logits,
            sample_weight=tf.gather(inputs[WEIGHT], compared),
            compute_metrics=False,
        )
        if self._tells_shown:
            taken = tf.cast(inputs[WEIGHT] > 0, tf.float32)
            loss += config.shown_weight * self._shown_task(
                labels=taken[:, None], predictions=judged["taken"][:, None], compute_metrics=False
            )
        if self._roles.target:
            loss += config.target_weight * self._target_task(
                labels=inputs[self._roles.target][:, None],
                predictions=judged["target"][:, None],
                compute_metrics=False,
            )
        loss /= tf.cast(rows, tf.float32)
        self.mean_loss.update_state(loss)
        return loss + self._decay(query, own) if training else loss

    def _encode_queries(self, inputs: dict[str, tf.Tensor], training: bool) -> tf.Tensor:
        """[rows, width]: of the train split with the rest of the batch for histories."""
        if FIRST not in inputs:
            return self.query_encoder(inputs, training=training)
        targets = inputs[self._roles.target] if self._roles.target else None
        terms = self.query_encoder.history.terms(inputs[self._roles.item_id], targets)
        part = inputs[IN_HISTORY]
        if training and self._config.history_dropout:
            part *= tf.cast(tf.random.uniform(tf.shape(part)) >= self._config.history_dropout, tf.float32)
        sums = sums_of_past(terms * part[:, None], inputs[FIRST], inputs[LAST], inputs[IS_OWN])
        newest = None
        if NEWEST in inputs:
            items = tf.pad(inputs[self._roles.item_id], [[1, 0]], constant_values=-1)
            newest = tf.gather(items, inputs[NEWEST] + 1)
        return self.query_encoder.encode(inputs, sums, newest, training=training)

    def _draw(self, mined: tf.Tensor, training: bool) -> tf.Tensor:
        """[n, negatives] of [n, mined]."""
        count, pool = self._config.negatives, tf.shape(mined)[1]
        wanted = [tf.shape(mined)[0], count]
        if training:
            drawn = tf.random.uniform(wanted, 0, pool, tf.int32)
        else:  # every so many places of retrieval's order, the same each time
            drawn = tf.broadcast_to((tf.range(count) * pool // count)[None, :], wanted)
        return tf.gather(mined, drawn, batch_dims=1)

    def _decay(self, query: tf.Tensor, items: tf.Tensor) -> tf.Tensor:
        """Holds vectors small: those of ids as often as they are met, the tables of histories and raters as a whole."""
        width = self._config.dimension
        vectors = [encoding[:, start : start + width] for encoding in (query, items) for start in (0, 2 * width)]
        met = tf.add_n([tf.reduce_sum(tf.square(part), axis=1) for part in vectors])
        tables = [self.query_encoder.history.table, self.candidate_encoder.raters.table]
        if self.query_encoder.recent:
            tables.append(self.query_encoder.recent.table)
        squares = tf.add_n([tf.reduce_sum(tf.square(table)) for table in tables])
        return self._config.embedding_decay * tf.reduce_mean(met) + self._history_decay * squares


class Settle(tf.keras.callbacks.Callback):
    """Before each evaluation, gives items the raters' vectors of the weights of that moment."""

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Called by Keras."""
        self.model.candidate_encoder.raters.settle()
