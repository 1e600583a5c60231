"""What each kind makes of a pair, with weights of our choice."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from modules.rankers.dcn import DcnInteraction
from modules.rankers.dense_layers import DenseLayers
from modules.rankers.dlrm import DlrmInteraction, products
from modules.rankers.judge import INTERACTIONS
from modules.rankers.mlp import MlpInteraction, flat
from modules.rankers.ncf import NcfInteraction
from modules.ranking_config import RankingConfig

CONFIG = RankingConfig(dimension=1, hidden=(1,), dropout=0.5)
QUERIES = tf.constant([[[1.0], [1.0], [0.0], [1.0]]])  # one query of four vectors of one coordinate
CANDIDATES = tf.constant([[[[3.0], [1.0], [0.0]], [[-1.0], [0.0], [2.0]]]])  # two candidates of it


def _with_ones(layer: tf.keras.layers.Layer) -> tf.keras.layers.Layer:
    """The layer with all kernels one and all biases zero."""
    layer(QUERIES, CANDIDATES)
    for weight in layer.weights:
        weight.assign(tf.zeros_like(weight) if "bias" in weight.name else tf.ones_like(weight))
    return layer


def test_mlp() -> None:
    """1 + 1 + 1 of the query, 3 + 1 and -1 + 2 of the candidates."""
    np.testing.assert_allclose(_with_ones(MlpInteraction(CONFIG))(QUERIES, CANDIDATES), [[[7], [4]]])


def test_ncf() -> None:
    """The product of the two sums, and their sum."""
    np.testing.assert_allclose(_with_ones(NcfInteraction(CONFIG))(QUERIES, CANDIDATES), [[[12, 7], [3, 4]]])


def test_dlrm() -> None:
    """Sums, products in the query (1 + 1 + 1), in the candidates (3; -2), and those between: the product of sums."""
    np.testing.assert_allclose(_with_ones(DlrmInteraction(CONFIG))(QUERIES, CANDIDATES), [[[7 + 6 + 12], [4 + 1 + 3]]])


def test_dcn() -> None:
    """Of x₀ with sum s: x₁ = s x₀ + x₀ with sum s² + s; x₂ = (s² + s) x₀ + x₁, with sum (s² + s) s + s² + s."""
    np.testing.assert_allclose(_with_ones(DcnInteraction(CONFIG))(QUERIES, CANDIDATES), [[[56 * 8], [20 * 5]]])


def test_products_of_every_two() -> None:
    vectors = tf.constant([[1.0, 0.0], [2.0, 3.0], [0.0, 1.0]])
    assert products(vectors).numpy().tolist() == [2, 0, 3]


def test_flat() -> None:
    assert flat(tf.reshape(tf.range(12), [1, 2, 3, 2])).numpy().tolist() == [[[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]]


def test_dense_layers_may_be_none() -> None:
    inputs = tf.constant([[-1.0, 2.0]])
    np.testing.assert_array_equal(DenseLayers((), 0.5)(inputs, training=True), inputs)


@pytest.mark.parametrize("kind", INTERACTIONS)
def test_candidates_are_judged_on_their_own(kind: str) -> None:
    config = RankingConfig(dimension=4, hidden=(6, 5))
    layer = INTERACTIONS[kind](config)
    queries, candidates = (
        tf.random.stateless_normal([3, 4, 4], [1, 2]),
        tf.random.stateless_normal([3, 7, 3, 4], [3, 4]),
    )
    together = layer(queries, candidates).numpy()
    assert together.shape[:2] == (3, 7)
    alone = np.concatenate([layer(queries, candidates[:, k : k + 1]).numpy() for k in range(7)], axis=1)
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", INTERACTIONS)
def test_dropout_is_for_training(kind: str) -> None:
    layer = INTERACTIONS[kind](RankingConfig(dimension=4, hidden=(64, 32)))
    queries, candidates = tf.ones([2, 4, 4]), tf.ones([2, 2, 3, 4])
    np.testing.assert_array_equal(layer(queries, candidates), layer(queries, candidates))
    first, second = (layer(queries, candidates, training=True).numpy() for _ in range(2))
    assert (first != second).any()
