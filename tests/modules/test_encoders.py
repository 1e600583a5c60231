"""Feature columns → vectors."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from modules.encoders import FeatureEncoder, QueryFeatures, embedding_width, mean_of_present
from modules.roles import Roles, Table
from tests.gadget_run import GadgetRun


@pytest.mark.parametrize(("vocabulary", "width"), [(1, 4), (2, 5), (16, 8), (625, 20), (10_000, 32), (10**9, 32)])
def test_width_grows_with_the_fourth_root(vocabulary: int, width: int) -> None:
    assert embedding_width(vocabulary) == width


def test_mean_of_those_present() -> None:
    table = tf.keras.layers.Embedding(3, 2)
    table(tf.constant([0]))
    table.set_weights([np.array([[1, 0], [3, 4], [100, 100]], np.float32)])
    found = mean_of_present(table, tf.constant([[0, 1, -1], [1, -1, -1], [-1, -1, -1]]))
    np.testing.assert_array_equal(found, [[2, 2], [3, 4], [0, 0]])


def test_an_item_of_which_nothing_is_known_is_all_zeros(gadgets_run: GadgetRun) -> None:
    encoder = FeatureEncoder(gadgets_run.roles.features(Table.ITEM), gadgets_run.graph)
    raw = gadgets_run.graph.parse(
        tf.constant([b""]), ["title", "genres", "shelf", "price", "sizes", "cover", "nothing"]
    )
    found = encoder(gadgets_run.graph(raw)).numpy()
    assert not found.any()
    # title, genres and shelf (3 values each), price, sizes, cover, nothing
    assert found.shape == (1, 32 + 6 + 6 + 1 + 1 + 16 + 1)


def test_columns_stand_side_by_side_in_the_order_of_the_schema(gadgets_run: GadgetRun) -> None:
    columns = [gadgets_run.roles.column(name) for name in ("shelf", "price", "genres")]
    encoder = FeatureEncoder(columns, gadgets_run.graph)
    features = {
        "price": tf.constant([0.25, -1.5]), "genres": tf.constant([[0, 1], [1, -1]]), "shelf": tf.constant([2, 0]),
    }  # fmt: skip
    found = encoder(features).numpy()
    tables = {name: layer.embeddings.numpy() for name, layer in encoder._layers_by_name.items()}
    shelves, genres = tables["shelf"], tables["genres"]
    for row, (shelf, price, genre) in enumerate([(2, 0.25, [0, 1]), (0, -1.5, [1])]):
        np.testing.assert_allclose(found[row], [*shelves[shelf], price, *genres[genre].mean(axis=0)], rtol=1e-6)


def test_context_is_hidden_in_a_part_of_the_rows_while_training(gadgets_run: GadgetRun) -> None:
    tf.keras.utils.set_random_seed(1)
    encoder = FeatureEncoder([], gadgets_run.graph, with_time=True, hidden_share=0.3)
    times = {"time_features": tf.ones([3000, 4])}
    found = encoder(times, training=True).numpy()
    assert set(found.min(axis=1)) == {0.0, 1.0} and (found.min(axis=1) == found.max(axis=1)).all()
    assert 0.67 < found.mean() < 0.73
    assert (encoder(times).numpy() == 1).all()


def test_queries_without_columns(gadgets_run: GadgetRun) -> None:
    bare = Roles(tuple(column for column in gadgets_run.roles.columns if column.name in ("user_id", "item_id")))
    found = QueryFeatures(bare, gadgets_run.graph, 5)({"user_id": tf.constant([0, 1])})
    np.testing.assert_array_equal(found, np.zeros((2, 5)))


def test_what_the_vocabulary_lacks_is_missing(gadgets_run: GadgetRun) -> None:
    columns = [gadgets_run.roles.column(name) for name in ("shelf", "genres", "title")]
    encoder = FeatureEncoder(columns, gadgets_run.graph)
    shelves, genres, words = (gadgets_run.graph.vocabulary_size(column.name) for column in columns)
    new = {"shelf": [shelves], "genres": [[genres, -1]], "title": [[words, words]]}
    missing = {"shelf": [-1], "genres": [[-1, -1]], "title": [[-1, -1]]}
    partly, known = {**new, "genres": [[genres, 1]]}, {**missing, "genres": [[-1, 1]]}
    found = [
        encoder({name: tf.constant(value) for name, value in row.items()}) for row in (new, missing, partly, known)
    ]
    assert not found[0].numpy().any()
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[2], found[3])
    assert found[2].numpy().any()
