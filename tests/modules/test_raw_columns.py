"""Raw columns of examples on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

from modules.raw_columns import first_values, read_raw_columns, serialized_batches
from tests.modules.examples import example

ROWS: list[dict[str, object]] = [{"a": "x", "n": [1, 2]}, {"n": 3, "f": [0.5]}, {"a": ["é", "z"], "f": []}]


def _folder(path: Path, *files: list[dict[str, object]]) -> str:
    for number, rows in enumerate(files):
        with tf.io.TFRecordWriter(str(path / f"data-{number}.gz"), "GZIP") as writer:
            for row in rows:
                writer.write(example(row))
    return str(path)


def test_rows_of_several_files_in_order(tmp_path: Path) -> None:
    found = read_raw_columns(
        _folder(tmp_path, ROWS[:2], ROWS[2:]), {"a": tf.string, "n": tf.int64, "f": tf.float32, "none": tf.string}
    )
    assert found["a"].values.tolist() == [b"x", "é".encode(), b"z"] and found["a"].row_splits.tolist() == [0, 1, 1, 3]
    assert found["n"].values.tolist() == [1, 2, 3] and found["n"].row_splits.tolist() == [0, 2, 3, 3]
    assert found["f"].values.tolist() == [0.5] and found["f"].row_splits.tolist() == [0, 0, 1, 1]
    assert found["none"].row_splits.tolist() == [0, 0, 0, 0]
    assert first_values(found["a"], b"-") == [b"x", b"-", "é".encode()]


def test_nothing_to_read(tmp_path: Path) -> None:
    found = read_raw_columns(str(tmp_path), {"a": tf.string, "n": tf.int64})
    assert found["a"].values.dtype == object and found["n"].values.dtype == np.int64
    assert len(found["a"]) == len(found["n"]) == 0
    assert read_raw_columns(_folder(tmp_path, ROWS), {}) == {}


def test_batches(tmp_path: Path) -> None:
    folder = _folder(tmp_path, ROWS)
    assert [len(batch) for batch in serialized_batches(folder, 2)] == [2, 1]
    assert [len(batch) for batch in serialized_batches(folder, 1, limit=2)] == [1, 1]
