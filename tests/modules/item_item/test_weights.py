"""Item-item weights as coordinates."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.history import Recency
from modules.item_item.choice import ItemItemChoice
from modules.item_item.weights import ItemItem
from modules.roles import HISTORY, HISTORY_TARGET, WEIGHT
from modules.training_data import CANDIDATE_ROW, TrainingData
from tests.gadget_run import GadgetRun

CHOICE = ItemItemChoice(regularisation=5.0, weight=3.0, scale=0.5)


def _ease(data: TrainingData) -> npt.NDArray[np.float64]:
    """The weights [item of the history, item], between rows of the catalogue."""
    matrix = np.zeros((1 + data.train["user_id"].max(), len(data.catalogue.ids)))
    taken = data.train[WEIGHT] > 0
    matrix[data.train["user_id"][taken], data.train[CANDIDATE_ROW][taken]] = 1
    inverse = np.linalg.inv(matrix.T @ matrix + CHOICE.regularisation * np.eye(matrix.shape[1]))
    return -inverse / np.diag(inverse)


def _scores(data: TrainingData, choice: ItemItemChoice, history: list[int]) -> npt.NDArray[np.float32]:
    """[items] of a history of rows of the catalogue."""
    part = ItemItem(data, None, choice)
    index = data.catalogue.columns["item_id"]
    query = part.query({HISTORY: tf.constant([[-1, *(int(index[row]) for row in history)]])})
    items: npt.NDArray[np.float32] = tf.matmul(query, data.catalogue.encoded(part.candidate), transpose_b=True).numpy()
    return items[0]


def test_scores_by_hand(gadgets_run: GadgetRun) -> None:
    """Three times the sum of the weights, over the root of their number."""
    data = gadgets_run.data
    known = np.flatnonzero(data.item_spectrum.takers > 0)
    history, others = known[:3], known[3:]
    expected = 3.0 * _ease(data)[np.ix_(history, others)].sum(axis=0) / np.sqrt(3)
    np.testing.assert_allclose(_scores(data, CHOICE, history.tolist())[others], expected, rtol=1e-3, atol=1e-4)


def test_older_items_fade(gadgets_run: GadgetRun) -> None:
    """The older of two items counts floor + (1 - floor) / e with a fading of one item."""
    data = gadgets_run.data
    older, newer, *others = np.flatnonzero(data.item_spectrum.takers > 0)
    fading = ItemItemChoice(CHOICE.regularisation, Recency(1.0, 0.2), CHOICE.weight, CHOICE.scale)
    weight = 0.2 + 0.8 / np.e
    ease = _ease(data)
    expected = 3.0 * (weight * ease[older, others] + ease[newer, others]) / np.sqrt(1 + weight)
    np.testing.assert_allclose(_scores(data, fading, [older, newer])[others], expected, rtol=1e-3, atol=1e-4)


def test_nothing_is_known_of_an_empty_history_or_an_unknown_item(gadgets_run: GadgetRun) -> None:
    data = gadgets_run.data
    unknown = data.graph.vocabulary_size("item_id") + 3
    part = ItemItem(data, None, CHOICE)
    assert not part.query({HISTORY: tf.constant([[-1, -1], [unknown, -1]])}).numpy().any()


def test_disliked_items_are_not_pooled(gadgets_run: GadgetRun) -> None:
    data, part = gadgets_run.data, ItemItem(gadgets_run.data, None, CHOICE)
    assert data.positive_min is not None
    targets = tf.constant([[data.positive_min - 1, data.positive_min], [np.nan, data.positive_min]])
    first, second = part.query({HISTORY: tf.constant([[0, 1], [-1, 1]]), HISTORY_TARGET: targets}).numpy()
    np.testing.assert_array_equal(first, second)


def test_an_item_that_nobody_took_is_as_its_columns_say(gadgets_run: GadgetRun) -> None:
    """Where the known items' coordinates lie on a line of a column, the unknown one's do too, nearly; else the mean."""
    data = gadgets_run.data
    known = data.item_spectrum.takers > 0
    assert not known.all()
    part = ItemItem(data, None, CHOICE)
    items = data.catalogue.encoded(part.candidate)
    for row in np.flatnonzero(~known):
        np.testing.assert_allclose(items[row], items[known].mean(axis=0), rtol=1e-3, atol=1e-5)

    place = {int(index): row for row, index in enumerate(data.catalogue.columns["item_id"])}
    direction = np.where(known, items[:, 0], 7.0).astype(np.float32)  # a column that foretells the first coordinate

    def describe(features: Mapping[str, tf.Tensor]) -> tf.Tensor:
        return tf.constant([[direction[place[int(index)]]] for index in features["item_id"].numpy()])

    if len(place) == len(known):
        described = data.catalogue.encoded(ItemItem(data, describe, CHOICE).candidate)
        np.testing.assert_allclose(described[~known][:, 0], 7.0, rtol=0.05)
