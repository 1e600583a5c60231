"""Arrow columns to serialised tf.Examples in TFRecord files."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping

import pyarrow as pa
import tensorflow as tf
from tfx_bsl.coders import example_coder

from modules.ragged import Ints


def as_lists(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A column as the list column that tf.Examples are made of: text as UTF-8 bytes, a null as a missing feature."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks() if values.num_chunks != 1 else values.chunk(0)
    if not pa.types.is_list(values.type):
        single = pa.ListArray.from_arrays(
            pa.array(range(len(values) + 1), pa.int32()), values.cast(_plain(values.type), safe=False)
        )
        return _without_null_cells(single, values) if values.null_count else single
    return values.cast(pa.list_(_plain(values.type.value_type)))


def windows_as_lists(values: pa.Array | pa.ChunkedArray, rows: Ints, offsets: Ints) -> pa.Array:
    """A list column whose cell i holds `values` at `rows[offsets[i]:offsets[i + 1]]`."""
    taken = values.take(pa.array(rows))
    if isinstance(taken, pa.ChunkedArray):
        taken = taken.combine_chunks()
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), taken.cast(_plain(taken.type)))


def encode(columns: Mapping[str, pa.Array]) -> list[bytes]:
    """One serialised tf.Example a row; equal rows give equal bytes.

    Args:
        columns: by feature name, list columns of binary, int64 or float32 of equal length.
    """
    batch = pa.RecordBatch.from_arrays(list(columns.values()), list(columns.keys()))
    encoded: list[bytes] = example_coder.RecordBatchToExamplesEncoder().encode(batch)
    # The encoder leaves the features in the order of a hash map, another one in every process.
    return [tf.train.Example.FromString(record).SerializeToString(deterministic=True) for record in encoded]


def write_shard(folder: str, shard: int, shards: int, records: list[bytes]) -> None:
    """Writes a gzipped TFRecord file that appears under its name only when it is complete."""
    name = f"data_tfrecord-{shard:05d}-of-{shards:05d}.gz"
    tf.io.gfile.makedirs(folder)
    # A name that no reader's pattern (`data_tfrecord-*`, `*.gz`) matches.
    unfinished = os.path.join(folder, f".{name}.{uuid.uuid4().hex}.unfinished")
    with tf.io.TFRecordWriter(unfinished, options="GZIP") as writer:
        for record in records:
            writer.write(record)
    tf.io.gfile.rename(unfinished, os.path.join(folder, name), overwrite=True)


def _plain(kind: pa.DataType) -> pa.DataType:
    """The one of the three types of a tf.Example that holds values of `kind`."""
    if pa.types.is_integer(kind):
        return pa.int64()
    if pa.types.is_floating(kind):
        return pa.float32()
    return pa.binary()


def _without_null_cells(lists: pa.ListArray, values: pa.Array) -> pa.ListArray:
    """One-element lists with those of null values emptied."""
    present = values.is_valid().to_numpy(zero_copy_only=False).astype("int64")
    offsets = pa.array([0, *present.cumsum().tolist()], pa.int32())
    return pa.ListArray.from_arrays(offsets, lists.values.drop_null())
