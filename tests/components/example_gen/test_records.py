"""Arrow columns → tf.Examples in files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf

from components.example_gen.records import as_lists, encode, windows_as_lists, write_shard


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array(["é", None, ""]), [["é".encode()], [], [b""]]),
        (pa.array([1, None]), [[1], []]),
        (pa.array([1.5, None], pa.float32()), [[1.5], []]),
        (pa.array([b"\xff", None], pa.binary()), [[b"\xff"], []]),
        (pa.array([None, None], pa.string()), [[], []]),
        (pa.array([], pa.string()), []),
        (pa.array([["a", "b"], [], None]), [[b"a", b"b"], [], None]),
        (pa.array([[1], []], pa.list_(pa.int64())), [[1], []]),
        (pa.array(["x", "y", "z"]).slice(1), [[b"y"], [b"z"]]),
        (pa.array(["x", None, "z"]).slice(1), [[], [b"z"]]),
        (pa.chunked_array([["a"], ["b", None]]), [[b"a"], [b"b"], []]),
        (pa.chunked_array([], pa.string()), []),
    ],
)
def test_cells_become_lists(values: pa.Array, expected: list[Any]) -> None:
    found = as_lists(values)
    found.validate(full=True)
    assert found.to_pylist() == expected


def test_windows() -> None:
    values = pa.chunked_array([["a", "b"], ["c"]])
    found = windows_as_lists(values, np.array([2, 0, 1, 1]), np.array([0, 2, 2, 4]))
    assert found.to_pylist() == [[b"c", b"a"], [], [b"b", b"b"]]
    nothing = np.empty(0, np.int64)
    assert windows_as_lists(values, nothing, np.zeros(3, np.int64)).to_pylist() == [[], []]
    assert windows_as_lists(pa.chunked_array([], pa.float32()), nothing, np.zeros(1, np.int64)).to_pylist() == []


def test_records_are_examples_that_come_back(tmp_path: Path) -> None:
    columns = {
        "text": as_lists(pa.array(["a", None])),
        "number": as_lists(pa.array([1, 2])),
        "price": as_lists(pa.array([0.5, None], pa.float32())),
    }
    records = encode(columns)
    folder = tmp_path / "Split-train"
    write_shard(str(folder), 3, 12, records)
    assert [path.name for path in folder.iterdir()] == ["data_tfrecord-00003-of-00012.gz"]
    stored = [*tf.data.TFRecordDataset(str(folder / "data_tfrecord-00003-of-00012.gz"), "GZIP").as_numpy_iterator()]
    assert stored == records
    first, second = (tf.train.Example.FromString(record).features.feature for record in stored)
    assert first["text"].bytes_list.value == [b"a"] and first["number"].int64_list.value == [1]
    assert first["price"].float_list.value == [0.5]
    assert not second["text"].bytes_list.value and not second["price"].float_list.value


def test_no_records(tmp_path: Path) -> None:
    assert encode({"text": as_lists(pa.array([], pa.string()))}) == []
    write_shard(str(tmp_path), 0, 1, [])
    (file,) = tmp_path.iterdir()
    assert [*tf.data.TFRecordDataset(str(file), "GZIP")] == []


def test_a_shard_written_again_replaces_the_first(tmp_path: Path) -> None:
    write_shard(str(tmp_path), 0, 1, [b"old", b"older"])
    write_shard(str(tmp_path), 0, 1, [b"new"])
    (file,) = tmp_path.iterdir()
    assert [*tf.data.TFRecordDataset(str(file), "GZIP").as_numpy_iterator()] == [b"new"]
