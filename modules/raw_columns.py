"""Raw columns of examples, as they were before the Transform graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import tensorflow as tf

from modules.roles import Roles
from modules.serving.ragged_table import RaggedArray

PARSED_AT_ONCE = 4096


_TYPES = {"bytes": tf.string, "int": tf.int64, "float": tf.float32}


def raw_types(roles: Roles, names: Iterable[str]) -> dict[str, tf.DType]:
    """The types that some columns have in examples."""
    return {name: _TYPES[roles.column(name).dtype] for name in names}


def serialized_examples(folder: str) -> tf.data.TFRecordDataset:
    """Serialised examples of a split, [] string each, in the order of its files."""
    return tf.data.TFRecordDataset(sorted(tf.io.gfile.glob(f"{folder}/*.gz")), compression_type="GZIP")


def serialized_batches(folder: str, batch_size: int, limit: int = -1) -> Iterator[tf.Tensor]:
    """Serialised examples of a split, [batch] string at a time, `limit` batches at most (-1: all)."""
    yield from serialized_examples(folder).batch(batch_size).take(limit)


def read_raw_columns(folder: str, types: Mapping[str, tf.DType], limit: int = -1) -> dict[str, RaggedArray]:
    """Whole raw columns of a split.

    Args:
        folder: of the split.
        types: by column, string, int64 or float32; a column that examples lack has empty rows.
        limit: only so many batches of `PARSED_AT_ONCE` examples (-1: all).

    Returns:
        by column, a row an example; text as bytes.
    """
    if not types:
        return {}
    parts = list(_parsed(folder, types, limit))
    return {name: _joined([part[name] for part in parts], kind) for name, kind in types.items()}


def raw_column_batches(folder: str, types: Mapping[str, tf.DType]) -> Iterator[dict[str, RaggedArray]]:
    """What `read_raw_columns` reads, `PARSED_AT_ONCE` examples at a time: for splits that need not fit into memory."""
    for part in _parsed(folder, types):
        yield {name: _joined([part[name]], kind) for name, kind in types.items()}


def _parsed(folder: str, types: Mapping[str, tf.DType], limit: int = -1) -> Iterator[dict[str, tf.RaggedTensor]]:
    spec = {name: tf.io.RaggedFeature(kind, row_splits_dtype=tf.int64) for name, kind in types.items()}
    for batch in serialized_batches(folder, PARSED_AT_ONCE, limit):
        yield tf.io.parse_example(batch, spec)


def first_values(column: RaggedArray, missing: bytes = b"") -> list[bytes]:
    """The first value of each row of a column of text."""
    lengths = np.diff(column.row_splits)
    starts = column.row_splits[:-1]
    return [column.values[start] if length else missing for start, length in zip(starts, lengths, strict=True)]


def _joined(parts: list[tf.RaggedTensor], kind: tf.DType) -> RaggedArray:
    if not parts:
        return RaggedArray(np.empty(0, object if kind == tf.string else kind.as_numpy_dtype), np.zeros(1, np.int64))
    values = np.concatenate([part.values.numpy() for part in parts])
    lengths = np.concatenate([part.row_lengths().numpy() for part in parts])
    return RaggedArray(values, np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)]))
