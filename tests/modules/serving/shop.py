"""A tiny shop and towers that one can compute by hand, for the tests of serving."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from modules.serving.ragged_table import RaggedArray
from modules.serving.rules import Rules
from modules.serving.servable import Blend, CatalogueTable, Names, Servable, ServingConfig, UserTable

NAMES = Names(user_id="user", item_id="item", time="time")
DIM = 3
HISTORY_LENGTH = 3
COLOURS = [b"red", b"green", b"blue"]


class ShopTowers(tf.Module):
    """Vectors are small whole numbers, so every score is exact.

    A query's vector is the sum of the vectors of its history items (an unknown one: ones), (age, 0, 0) for its ages,
    and (0, 0, 1) where the device is "phone". Taken is twice the retrieval score plus the first number of the encoding;
    target is the user's sum of known history targets plus the second one.
    """

    def __init__(self, item_ids: list[bytes], vectors: Any, with_target: bool = True) -> None:
        super().__init__(name="towers")
        self.query_inputs = {"user": tf.string, "history": tf.string, "age": tf.int64, "device": tf.string}
        self.query_inputs["time"] = tf.int64  # no part of the vector
        if with_target:
            self.query_inputs["history_target"] = tf.float32
        self.item_inputs = {"item": tf.string, "colour": tf.string}
        self._with_target = with_target
        self._ids = tf.constant(item_ids)
        self._vectors = tf.Variable(vectors, trainable=False)

    def query_features(self, raw: Mapping[str, tf.SparseTensor]) -> dict[str, tf.Tensor]:
        assert set(raw) == set(self.query_inputs)
        for name, sparse in raw.items():
            assert sparse.dtype == self.query_inputs[name]
        history = tf.sparse.to_dense(raw["history"], "")
        # [B, H, N]: which catalogue row each history item is; the last one, if none.
        same = tf.cast(history[:, :, None] == self._ids, tf.float32)
        unknown = tf.cast(tf.not_equal(history, ""), tf.float32) - tf.reduce_sum(same, 2)
        rows = tf.concat([same, unknown[:, :, None]], 2)
        total = tf.einsum("bhn,nd->bd", rows, self._vectors)
        ages = tf.reduce_sum(tf.sparse.to_dense(raw["age"]), 1)
        phone = tf.reduce_any(tf.sparse.to_dense(raw["device"], "") == "phone", 1)
        zero = tf.zeros_like(ages, tf.float32)
        features = {"query": total + tf.stack([tf.cast(ages, tf.float32), zero, tf.cast(phone, tf.float32)], 1)}
        if self._with_target:
            targets = tf.sparse.to_dense(raw["history_target"], float("nan"))
            features["rated"] = tf.reduce_sum(tf.where(tf.math.is_nan(targets), 0.0, targets), 1)
        return features

    def query_vector(self, features: Mapping[str, tf.Tensor]) -> tf.Tensor:
        return features["query"]

    def rank(
        self, features: Mapping[str, tf.Tensor], encodings: tf.Tensor, retrieval: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        ranked = {"taken": 2 * retrieval + encodings[:, :, 0]}
        if self._with_target:
            ranked["target"] = features["rated"][:, None] + encodings[:, :, 1]
        return ranked

    def candidate_features(self, raw: Mapping[str, tf.SparseTensor]) -> dict[str, tf.Tensor]:
        assert set(raw) == set(self.item_inputs)
        return {"colour": tf.sparse.to_dense(raw["colour"], "")}

    def candidate_vector(self, features: Mapping[str, tf.Tensor]) -> tf.Tensor:
        return tf.reduce_sum(tf.cast(features["colour"][:, :, None] == tf.constant(COLOURS), tf.float32), 1)

    def candidate_encoding(self, features: Mapping[str, tf.Tensor]) -> tf.Tensor:
        return self.candidate_vector(features)[:, :2]


class Shop:
    """N items "i0", "i1", … with drawn vectors, and the users "u0", "u1", … with the given histories."""

    def __init__(self, size: int, histories: list[list[int]], seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.size = size
        self.histories = histories
        self.item_ids = [f"i{number}".encode() for number in range(size)]
        self.vectors = rng.integers(-3, 4, [size + 1, DIM]).astype(np.float32)
        self.vectors[size] = 1
        self.encodings = rng.integers(-3, 4, [size + 1, 2]).astype(np.float32)
        self.genres = [rng.choice([b"a", b"b", b"c"], rng.integers(0, 3), replace=False).tolist() for _ in range(size)]
        self.catalogue = CatalogueTable(
            item_ids=self.item_ids,
            titles=[b"Title " + one for one in self.item_ids],
            vectors=self.vectors,
            encodings=self.encodings,
            categories={"genre": RaggedArray.from_rows(self.genres, object)},
        )
        histories_array = RaggedArray.from_rows(histories, np.int32)
        ratings = [float(number % 5) if number % 3 else np.nan for number in range(len(histories_array.values))]
        self.users = UserTable(
            user_ids=[f"u{number}".encode() for number in range(len(histories))],
            columns={"age": RaggedArray.from_rows([[number] for number in range(len(histories))], np.int64)},
            history=histories_array,
            history_target=RaggedArray(np.array(ratings, np.float32), histories_array.row_splits),
            seen=histories_array,
        )

    def servable(
        self,
        folder: Path,
        blend: Blend = Blend(),  # noqa: B008 (frozen)
        rules: Rules = Rules(),  # noqa: B008 (frozen)
        with_target: bool = True,
        items_like: bool = True,
        **config: Any,
    ) -> Servable:
        """The whole shop, served."""
        return Servable(
            catalogue=self.catalogue,
            users=self.users,
            towers=ShopTowers(self.item_ids, self.vectors, with_target),
            blend=blend,
            config=ServingConfig(**config),
            rules=rules,
            history_length=HISTORY_LENGTH,
            names=NAMES,
            asset_dir=folder,
            items_like=items_like,
        )


def example(**columns: Any) -> bytes:
    """A serialised tf.Example; lists of str, int or float."""
    features = {}
    for name, values in columns.items():
        if all(isinstance(value, str) for value in values):
            feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=[value.encode() for value in values]))
        elif all(isinstance(value, int) for value in values):
            feature = tf.train.Feature(int64_list=tf.train.Int64List(value=values))
        else:
            feature = tf.train.Feature(float_list=tf.train.FloatList(value=values))
        features[name] = feature
    serialised: bytes = tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()
    return serialised
