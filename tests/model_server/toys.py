"""Models that say which version they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

from modules.serving.warmup import write_warmup


class Toy(tf.Module):
    """Answers a name and a number with its version."""

    def __init__(self, version: int) -> None:
        super().__init__()
        self._version = tf.Variable(version, dtype=tf.int32)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "name")])
    def who(self, name: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"version": tf.fill(tf.shape(name), self._version), "greeting": tf.strings.join(["hello ", name])}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "name"), tf.TensorSpec([], tf.int32, "k")])
    def repeat(self, name: tf.Tensor, k: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"names": tf.tile(name[:, None], [1, k])}


def publish(folder: Path, version: int) -> Path:
    """Puts a version into the folder in one step, as the pipeline does."""
    draft = folder.parent / f"draft-{version}"
    toy = Toy(version)
    tf.saved_model.save(toy, str(draft), {"serving_default": toy.who, "repeat": toy.repeat})
    write_warmup(draft, {"serving_default": {"name": np.array([b"ann"], object)}})
    folder.mkdir(exist_ok=True)
    return draft.rename(folder / str(version))
