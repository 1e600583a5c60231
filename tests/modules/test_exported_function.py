"""A function that survives without its code."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf

from modules.exported_function import ExportedFunction


def test_restored_with_its_weights(tmp_path: Path) -> None:
    weight = tf.Variable(3.0)
    root = tf.Module()
    root.part = ExportedFunction(
        lambda columns, shift: weight * columns["a"] + shift,
        [{"a": tf.TensorSpec([None])}, tf.TensorSpec([])],
        [weight],
    )
    weight.assign(5.0)
    tf.saved_model.save(root, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    assert loaded.part.call({"a": tf.constant([1.0, 2.0])}, tf.constant(0.5)).numpy().tolist() == [5.5, 10.5]
    assert [float(variable) for variable in loaded.part.weights] == [5.0]
