"""Training over whole user sequences: at every place, the item that came next."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.catalogue_softmax import catalogue_softmax
from modules.ragged import Ints, flat_indices
from modules.roles import HISTORY, HISTORY_TARGET, WEIGHT
from modules.sampled_softmax import SampledSoftmax
from modules.sequence_windows import Windows, cut, grouped, strictly_before
from modules.training_data import CANDIDATE_ROW, TrainingData
from modules.user_sequences import UserSequences

SEQUENCE, PLACE = "sequence", "place"
WHOLE_CATALOGUE = 20_000
Batch = dict[str, npt.NDArray[Any]]


class SequenceModel(Protocol):
    """What the loss needs of a model."""

    query_tower: Any

    def candidate_vectors(self, rows: tf.Tensor, training: bool = False) -> tf.Tensor:
        """[n, width] vectors of the items in [n] rows of the catalogue."""


@dataclasses.dataclass(frozen=True)
class SequenceBatches:
    """Batches of windows of user sequences.

    A sequence longer than a window is cut at other places in each epoch; every interaction is predicted once an epoch.
    What is predicted knows the items of earlier moments only, as a query does.

    Attributes:
        data: what to learn from; its positives.
        length: items a window reads at most.
        places: states a batch, pads included; it has as many predictions or fewer.
        seed: of the cuts and the order.
    """

    data: TrainingData
    length: int
    places: int
    seed: int

    def dataset(self) -> tf.data.Dataset:
        """Batches of dictionaries, in another order each epoch.

        SEQUENCE: [users, longest] int64 indices of the item vocabulary, then pads of -1. For each prediction,
        PLACE: [n] int32 the row of the flattened states [users * (1 + longest)] that makes it; CANDIDATE_ROW: [n] int64
        the item; WEIGHT: [n] float32; and the columns of user and context, [n, …].
        """
        sequences = self.data.sequences()
        sequences = sequences.where(sequences.weights > 0)
        index = self.data.catalogue.columns[self.data.roles.item_id].astype(np.int64)[sequences.items]
        known = strictly_before(sequences, ordered_by_moment=bool(self.data.roles.time))
        rng = np.random.default_rng(self.seed)
        names = [name for name in self.data.query_specs() if name not in (HISTORY, HISTORY_TARGET)]
        columns = {name: tf.constant(self.data.train[name]) for name in names}

        def epoch() -> Iterator[tuple[Batch, Ints]]:
            for windows in grouped(cut(sequences.lengths, self.length, rng), self.places, rng):
                batch, rows = _batch(sequences, index, known, windows)
                if len(rows):
                    yield batch, rows

        def with_features(batch: dict[str, tf.Tensor], rows: tf.Tensor) -> dict[str, tf.Tensor]:
            return batch | {name: tf.gather(values, rows) for name, values in columns.items()}

        parts = {
            SEQUENCE: tf.TensorSpec([None, None], tf.int64),
            PLACE: tf.TensorSpec([None], tf.int32),
            CANDIDATE_ROW: tf.TensorSpec([None], tf.int64),
            WEIGHT: tf.TensorSpec([None], tf.float32),
        }
        batches = tf.data.Dataset.from_generator(epoch, output_signature=(parts, tf.TensorSpec([None], tf.int64)))
        return batches.map(with_features).prefetch(2)

    def steps(self) -> int:
        """About how many batches an epoch has."""
        return max(1, round(len(self.data.positives(self.data.train)) / self.places))


def _batch(sequences: UserSequences, index: Ints, known: Ints, windows: Windows) -> tuple[Batch, Ints]:
    """A batch as `SequenceBatches.dataset` describes it, and which interactions are predicted."""
    widths, begin = windows.widths, sequences.offsets[windows.user]
    longest = max(int(widths.max()), 1)
    sequence = np.full((len(widths), longest), -1, np.int64)
    sequence[np.arange(longest) < widths[:, None]] = index[flat_indices(begin + windows.first, widths)]

    later = (windows.first > 0).astype(np.int64)  # a window from the middle does not predict the first it reads
    counts = widths + 1 - later
    owner = np.repeat(np.arange(len(widths)), counts)
    predicted = flat_indices(begin + windows.first + later, counts)
    state = known[predicted] - windows.first[owner]
    within = state >= later[owner]  # the rest of a moment that began before the window
    owner, predicted, state = owner[within], predicted[within], state[within]
    batch: Batch = {
        SEQUENCE: sequence,
        PLACE: (owner * (1 + longest) + state).astype(np.int32),
        CANDIDATE_ROW: sequences.items[predicted],
        WEIGHT: sequences.weights[predicted],
    }
    return batch, sequences.rows[predicted]


class NextItemLoss:
    """Weighted mean of the cross-entropies between what is predicted at each place and what came.

    Over all items that anybody met in train where these are few, and else against a sample of them.
    """

    def __init__(self, data: TrainingData, whole: bool | None = None, negatives: int = 2048) -> None:
        """Prepares the loss.

        Args:
            data: what to learn from.
            whole: whether every item competes; None lets their number decide.
            negatives: how many a batch draws where not every item competes.
        """
        met = data.met_rows()
        counts = np.bincount(data.train[CANDIDATE_ROW][data.positives(data.train)], minlength=len(data.catalogue.ids))
        whole = len(met) <= WHOLE_CATALOGUE if whole is None else whole
        self._met = tf.constant(met)
        self._sampled = None if whole else SampledSoftmax(counts, negatives, met)

    def __call__(self, model: SequenceModel, inputs: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """[] float32 of a batch.

        Args:
            model: its `query_tower` is a `SequenceTower`.
            inputs: a batch of `SequenceBatches`.
            training: whether dropout applies.
        """
        states = model.query_tower.states(inputs[SEQUENCE], training=training)
        states = tf.gather(tf.reshape(states, [-1, states.shape[-1]]), inputs[PLACE])
        features = {name: values for name, values in inputs.items() if name not in (SEQUENCE, PLACE)}
        queries = model.query_tower.vectors(states, features, training=training)
        weights = inputs[WEIGHT] / tf.reduce_sum(inputs[WEIGHT])

        def vectors_of(rows: tf.Tensor) -> tf.Tensor:
            return model.candidate_vectors(rows, training=training)

        if self._sampled:
            return self._sampled(queries, vectors_of, inputs[CANDIDATE_ROW], weights)
        targets = tf.searchsorted(self._met, inputs[CANDIDATE_ROW])
        return catalogue_softmax(queries, vectors_of(self._met), targets, weights)


class WarmUpThenCosine(tf.keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that rises in a line, then falls along half a cosine to nothing.

    Attention learns nothing useful from the great first steps of an optimizer that does not know its way yet.
    """

    def __init__(self, peak: float, steps: int, rising: float = 0.05) -> None:
        """`peak` is reached after the share `rising` of the `steps`."""
        super().__init__()
        self._peak, self._steps, self._rising = peak, steps, rising

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        """[] float32 of a step, counted from 0."""
        done = tf.minimum(tf.cast(step + 1, tf.float32) / self._steps, 1.0)
        return self._peak * tf.minimum(done / self._rising, 0.5 * (1 + tf.cos(np.pi * done)))

    def get_config(self) -> dict[str, float]:
        """The arguments that made it."""
        return {"peak": self._peak, "steps": self._steps, "rising": self._rising}


def optimizer(learning_rate: float, steps: int) -> tf.keras.optimizers.Optimizer:
    """Adam as sequences like it: warmed up, with gradients that are cut at a norm of 5, and a shorter memory.

    Args:
        learning_rate: the highest.
        steps: of the whole training.
    """
    schedule = WarmUpThenCosine(learning_rate, steps)
    return tf.keras.optimizers.legacy.Adam(schedule, beta_2=0.98, global_clipnorm=5.0)
