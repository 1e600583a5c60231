"""What the Transform component left: the graph, its vocabularies and the raw columns it is fed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import tensorflow as tf
import tensorflow_transform as tft

from modules.column_store import Columns, joined
from modules.raw_columns import PARSED_AT_ONCE, serialized_examples
from modules.roles import HISTORY, HISTORY_TARGET

PADS: Mapping[str, float] = {HISTORY: -1, HISTORY_TARGET: math.nan}  # the columns of no fixed width


class TransformGraph(tf.Module):
    """A fitted Transform graph as part of a model: raw columns in, model inputs out.

    Fed with some of the raw columns, it computes the outputs that depend on these alone, so that the query's and the
    candidate's columns can go their own ways.
    """

    def __init__(self, folder: str) -> None:
        """Loads the graph.

        Args:
            folder: URI of a TransformGraph artifact.
        """
        super().__init__(name="transform_graph")
        self._output = tft.TFTransformOutput(folder)
        self._spec = self._output.raw_feature_spec()
        self._layer = self._output.transform_features_layer()

    def vocabulary_size(self, column: str) -> int:
        """How many values the vocabulary of a column holds; the index of an unknown value is this number."""
        return int(self._output.vocabulary_size_by_name(column))

    def vocabulary(self, column: str) -> list[bytes]:
        """The values of a vocabulary, by index."""
        values: list[bytes] = self._output.vocabulary_by_name(column)
        return values

    def dtypes(self, names: Iterable[str]) -> dict[str, tf.DType]:
        """The raw types of some columns: string, int64 or float32."""
        return {name: self._spec[name].dtype for name in names}

    def parse(self, serialized: tf.Tensor, names: Iterable[str]) -> dict[str, tf.SparseTensor]:
        """Raw columns of serialised tf.Examples.

        Args:
            serialized: [batch] string.
            names: the columns wanted.

        Returns:
            by name, SparseTensor [batch, None].
        """
        parsed: dict[str, tf.SparseTensor] = tf.io.parse_example(serialized, {name: self._spec[name] for name in names})
        return parsed

    @tf.autograph.experimental.do_not_convert  # it would read the source of all of Keras, for nothing
    def __call__(self, raw: Mapping[str, tf.SparseTensor]) -> dict[str, tf.Tensor]:
        """Applies the graph to raw columns.

        Args:
            raw: by name, SparseTensor [batch, None].

        Returns:
            see `preprocessing`; a history is dense here, [batch, longest of the batch], padded at the end.
        """
        outputs: dict[str, tf.Tensor] = self._layer(dict(raw))
        for name in outputs.keys() & PADS.keys():
            outputs[name] = tf.sparse.to_dense(outputs[name], PADS[name])
        return outputs


def read_columns(folder: str, graph: TransformGraph, names: Iterable[str], raw_ids: Iterable[str] = ()) -> Columns:
    """Decodes the examples of a split once, into whole columns: in memory, or in files if they are large.

    Args:
        folder: where the split's gzipped TFRecord files are.
        graph: the Transform graph to apply, in batches of thousands of rows.
        names: raw columns to feed it.
        raw_ids: single-valued string columns to return untouched as well, under "raw:<name>".

    Returns:
        by output name, an array with a row an example, in the order of the files. Empty without examples.
    """
    names, raw_ids = list(names), list(raw_ids)
    parsed_names = sorted({*names, *raw_ids})

    @tf.autograph.experimental.do_not_convert
    def decode(serialized: tf.Tensor) -> dict[str, tf.Tensor]:
        raw = graph.parse(serialized, parsed_names)
        decoded = graph({name: raw[name] for name in names})
        return decoded | {f"raw:{name}": tf.sparse.to_dense(raw[name], "")[:, 0] for name in raw_ids}

    records = serialized_examples(folder).batch(PARSED_AT_ONCE)
    return joined(records.map(decode, num_parallel_calls=2, deterministic=True).as_numpy_iterator(), PADS)
