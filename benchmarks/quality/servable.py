"""The pushed SavedModel, asked through its signatures."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.baselines.log import Ints
from benchmarks.quality.tables import Names

AT_ONCE = 256
Row = Mapping[str, Sequence[str] | Sequence[int] | Sequence[float]]


class Servable:
    """Loads a pushed version, with TensorFlow alone.

    Args:
        folder: of the SavedModel.
        item_names: [num_items] ids; answers are given as places in it.

    Attributes:
        cpu_seconds: of the latest questions together, once warm.
    """

    def __init__(self, folder: str, item_names: Names) -> None:
        import tensorflow as tf  # only here: most of a benchmark does without

        self._tf: Any = tf
        self._model = tf.saved_model.load(folder)
        self._items = pd.Index(item_names)
        self.cpu_seconds = 0.0

    def lists(self, signature: str, users: Names, k: int, exclude: Sequence[Sequence[str]] | None = None) -> Ints:
        """[Q, k] answers of `recommend` or `retrieval` to stored users, best first, −1 pads.

        Args:
            signature: the one to ask.
            users: [Q] ids.
            k: length of the lists.
            exclude: Q lists of items that must not come; None for no such wishes.
        """

        def ask(rows: slice) -> Any:
            unwanted = padded(exclude[rows]) if exclude is not None else np.full((len(users[rows]), 1), "", object)
            return self._call(
                signature,
                user_id=self._tf.constant(users[rows].tolist()),
                history=self._tf.fill([len(users[rows]), 1], ""),
                exclude=self._tf.constant(unwanted.tolist()),
                k=self._tf.constant(k, self._tf.int32),
            )["item_id"]

        return self._places(self._batches(len(users), ask))

    def example_lists(self, signature: str, queries: Sequence[Row], k: int) -> Ints:
        """[Q, k] answers of `evaluate` or `evaluate_retrieval` to raw examples, which hold all that is known."""

        def ask(rows: slice) -> Any:
            examples = [self._example(query) for query in queries[rows]]
            return self._call(signature, examples=self._tf.constant(examples), k=self._tf.constant(k, self._tf.int32))[
                "item_id"
            ]

        return self._places(self._batches(len(queries), ask))

    def similar(self, items: Names, k: int) -> Ints:
        """[n, k] answers of `similar_items` to ids, nearest first, −1 pads."""

        def ask(rows: slice) -> Any:
            asked = self._tf.constant(items[rows].tolist())
            return self._call("similar_items", item_id=asked, k=self._tf.constant(k, self._tf.int32))["item_id"]

        return self._places(self._batches(len(items), ask))

    def scores(self, users: Names, items: Names) -> npt.NDArray[np.float32]:
        """[n] answers of `score` to pairs of ids."""

        def ask(rows: slice) -> Any:
            pair = {"user_id": users[rows].tolist(), "item_id": items[rows].tolist()}
            return self._call("score", **{name: self._tf.constant(ids) for name, ids in pair.items()})["score"]

        return np.asarray(self._batches(len(users), ask), np.float32)

    def _call(self, signature: str, **inputs: Any) -> Any:
        return self._model.signatures[signature](**inputs)

    def _batches(self, count: int, ask: Callable[[slice], Any]) -> npt.NDArray[Any]:
        """Asks in batches; `cpu_seconds` is that of all of them but the first, scaled to the whole."""
        parts, spent, warm = [], 0.0, 0
        for start in range(0, count, AT_ONCE):
            began = time.process_time()
            parts.append(ask(slice(start, start + AT_ONCE)).numpy())
            if start:
                spent, warm = spent + time.process_time() - began, warm + len(parts[-1])
        self.cpu_seconds = spent * count / warm if warm else 0.0
        return np.concatenate(parts)

    def _places(self, ids: npt.NDArray[Any]) -> Ints:
        """Places in the catalogue of the ids of a list.

        Raises:
            ValueError: the servable recommended what the catalogue does not hold.
        """
        texts = np.array([cell.decode() for cell in ids.ravel()], object)
        places = self._items.get_indexer(texts).reshape(ids.shape).astype(np.int64)
        if ((places < 0).ravel() & (texts != "")).any():
            raise ValueError("an answer holds an id that the catalogue lacks")
        return np.asarray(places)

    def _example(self, query: Row) -> bytes:
        train = self._tf.train
        features = {}
        for name, values in query.items():
            if not len(values):
                features[name] = train.Feature()
            elif isinstance(values[0], str):
                texts = [str(value).encode() for value in values]
                features[name] = train.Feature(bytes_list=train.BytesList(value=texts))
            elif isinstance(values[0], int):
                features[name] = train.Feature(int64_list=train.Int64List(value=values))
            else:
                features[name] = train.Feature(float_list=train.FloatList(value=values))
        return bytes(train.Example(features=train.Features(feature=features)).SerializeToString())


def padded(rows: Sequence[Sequence[str]]) -> npt.NDArray[np.object_]:
    """[rows, longest] texts, "" at the end of the shorter rows; at least one column."""
    width = max([1, *(len(row) for row in rows)])
    return np.array([[*row, *[""] * (width - len(row))] for row in rows], object)
