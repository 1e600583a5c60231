"""The two ways of training that ours is compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tensorflow_recommenders as tfrs
import tensorflow_transform as tft
from tensorflow_transform.tf_metadata import schema_utils
from tfx_bsl.public import tfxio

from benchmarks.speed.demo_run import DemoRun
from modules.raw_columns import serialized_batches
from modules.roles import HISTORY, Encoding
from modules.training_data import CANDIDATE_ROW, TrainingData
from modules.transform_graph import PADS

_ROWS_AT_ONCE = 4096


class TfxFeed:
    """The train interactions of a run, fed as TFX feeds a Trainer whose Transform has materialised them."""

    def __init__(self, run: DemoRun, data: TrainingData, folder: Path) -> None:
        """Writes the transformed examples to `folder`, unless they are there: all columns but images, gzipped."""
        self._files = [str(folder / "*.gz")]
        images = {column.name for column in data.roles.features() if column.encoding is Encoding.IMAGE}
        output = tft.TFTransformOutput(run.graph)
        raw = {name: kind for name, kind in output.raw_feature_spec().items() if name not in images}
        transformed = {name: kind for name, kind in output.transformed_feature_spec().items() if name not in images}
        self._schema = schema_utils.schema_from_feature_spec(transformed)
        item_id = data.roles.item_id
        rows = np.full(data.graph.vocabulary_size(item_id) + 1, 0)
        rows[data.catalogue.columns[item_id]] = np.arange(len(data.catalogue.ids))
        self._rows, self._item_id = tf.constant(rows), item_id
        if not any(folder.glob("*.gz")):
            folder.mkdir(parents=True, exist_ok=True)
            with tf.io.TFRecordWriter(str(folder / "transformed_examples.gz"), tf.io.TFRecordOptions("GZIP")) as file:
                for batch in serialized_batches(run.train, _ROWS_AT_ONCE):
                    columns = data.graph(tf.io.parse_example(batch, raw)).items()
                    for row in zip(*(values.numpy() for _, values in columns), strict=True):
                        file.write(_example(dict(zip((name for name, _ in columns), row, strict=True))))

    def dataset(self, batch_size: int) -> tf.data.Dataset:
        """An epoch of what `DataAccessor.tf_dataset_factory` gives, with its defaults; histories dense."""
        source = tfxio.TFExampleRecord(self._files, schema=self._schema, telemetry_descriptors=["benchmark"])
        dataset = source.TensorFlowDataset(tfxio.TensorFlowDatasetOptions(batch_size=batch_size, num_epochs=1))

        def as_ours(columns: dict[str, Any]) -> dict[str, tf.Tensor]:
            dense = {name: tf.sparse.to_dense(columns[name], pad) for name, pad in PADS.items() if name in columns}
            return columns | dense | {CANDIDATE_ROW: tf.gather(self._rows, columns[self._item_id])}

        return dataset.map(as_ours)


def _example(columns: Mapping[str, Any]) -> bytes:
    features = {}
    for name, values in columns.items():
        values = np.atleast_1d(values)
        if name in PADS:  # what TFX writes has no pads; an unknown target stays where its item does
            values = values[: np.count_nonzero(columns[HISTORY] != PADS[HISTORY])]
        if values.dtype.kind == "f":
            features[name] = tf.train.Feature(float_list=tf.train.FloatList(value=values))
        else:
            features[name] = tf.train.Feature(int64_list=tf.train.Int64List(value=values))
    serialized: bytes = tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()
    return serialized


class TutorialModel(tfrs.Model):
    """The model of TensorFlow Recommenders' tutorial "basic retrieval", with its names for things.

    Strings are looked up in the model, and `FactorizedTopK` ranks the whole catalogue for every training batch.
    """

    def __init__(self, user_ids: list[bytes], item_ids: list[bytes], dimension: int) -> None:
        super().__init__()
        self._user_model, self._item_model = (self._tower(ids, dimension) for ids in (user_ids, item_ids))
        items = tf.data.Dataset.from_tensor_slices(item_ids).batch(128).map(self._item_model)
        self._task = tfrs.tasks.Retrieval(metrics=tfrs.metrics.FactorizedTopK(candidates=items))

    @staticmethod
    def _tower(ids: list[bytes], dimension: int) -> tf.keras.Model:
        return tf.keras.Sequential(
            [
                tf.keras.layers.StringLookup(vocabulary=ids, mask_token=None),
                tf.keras.layers.Embedding(len(ids) + 1, dimension),
            ]
        )

    def compute_loss(self, features: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """As in the tutorial."""
        del training
        return self._task(self._user_model(features["user_id"]), self._item_model(features["item_id"]))


def tutorial(
    users: npt.NDArray[np.object_], items: npt.NDArray[np.object_], dimension: int, batch_size: int
) -> Callable[[], object]:
    """What trains the tutorial's model for an epoch of these pairs: shuffled, batched and cached as there."""
    model = TutorialModel(np.unique(users).tolist(), np.unique(items).tolist(), dimension)
    model.compile(optimizer=tf.keras.optimizers.legacy.Adagrad(learning_rate=0.1))
    rows = tf.data.Dataset.from_tensor_slices({"user_id": users.tolist(), "item_id": items.tolist()})
    cached = rows.shuffle(100_000).batch(batch_size).cache()
    return lambda: model.fit(cached, epochs=1, verbose=0)
