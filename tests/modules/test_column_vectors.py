"""Vectors of the values of columns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.column_vectors import ColumnVectors
from modules.roles import Column, Encoding, Table


class Sizes:
    """A Transform graph, as far as it is asked."""

    def vocabulary_size(self, column: str) -> int:
        """Of any column."""
        return 3


def _vectors(encoding: Encoding, values: object) -> tuple[ColumnVectors, npt.NDArray[np.float32]]:
    layer = ColumnVectors([Column("c", "bytes", None, Table.ITEM, encoding)], Sizes(), 2)  # type: ignore[arg-type]
    return layer, layer({"c": tf.constant(values)}).numpy()


def test_a_list_is_as_loud_as_a_single_value() -> None:
    layer, found = _vectors(Encoding.TEXT, [[0, 2], [1, -1], [3, -1], [-1, -1]])
    table = layer.weights[0].numpy()
    np.testing.assert_allclose(found[0], (table[0] + table[2]) / 2**0.5, rtol=1e-5)
    np.testing.assert_allclose(found[1], table[1], rtol=1e-6)
    assert not found[2:].any()  # unknown, and missing


def test_single_values_and_numbers() -> None:
    layer, found = _vectors(Encoding.CATEGORICAL, [1, 3, -1])
    np.testing.assert_allclose(found[0], layer.weights[0].numpy()[1], rtol=1e-6)
    assert not found[1:].any()
    layer, found = _vectors(Encoding.CONTINUOUS, [0.0, 2.0])
    np.testing.assert_allclose(found, [[0, 0], *(2 * layer.weights[0].numpy())], rtol=1e-6)


def test_pixels_by_how_many_there_are() -> None:
    layer, found = _vectors(Encoding.IMAGE, np.ones((1, 2, 2, 3), np.float32))
    np.testing.assert_allclose(found[0], layer.weights[0].numpy().sum(axis=0) / 12**0.5, rtol=1e-5)
