"""Tables between the pipeline and the baselines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.quality.protocols.ml1m_sequence import read_sequences
from benchmarks.quality.tables import Tables

TABLES = Tables(
    pa.table({"user_id": [9, 7, 9], "item_id": [30, 10, 10], "timestamp": [5, 6, 7]}),
    pa.table({"item_id": [10, 20, 30]}),
    None,
)


def test_numbers_stand_for_ids() -> None:
    log = TABLES.log("timestamp")
    assert TABLES.user_names().tolist() == ["7", "9"] and log.users.tolist() == [1, 0, 1]
    assert TABLES.item_names().tolist() == ["10", "20", "30"] and log.items.tolist() == [2, 0, 0]
    assert log.moments is not None and log.moments.tolist() == [5, 6, 7]
    assert (log.num_users, log.num_items) == (2, 3)


def test_written_with_a_split(tmp_path: Path) -> None:
    some = TABLES.rows(np.array([True, False, True]))
    some.write(tmp_path / "data", np.array(["train", "test"], object))
    written = pq.read_table(tmp_path / "data" / "interactions.parquet").to_pydict()
    assert written == {"user_id": [9, 9], "item_id": [30, 10], "timestamp": [5, 7], "split": ["train", "test"]}
    assert {path.name for path in (tmp_path / "data").iterdir()} == {"interactions.parquet", "items.parquet"}


def test_ids_from_files_in_parts_keep_their_order(tmp_path: Path) -> None:
    chunked = pa.chunked_array([pa.array([3, 1]), pa.array([2])])
    tables = Tables(TABLES.interactions, pa.table({"item_id": chunked}), None)
    assert tables.item_names().tolist() == ["3", "1", "2"]


def test_sequences_number_the_places_of_each_user(tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text("2 5\n1 6\n2 4\n2 6\n")
    tables = read_sequences(tmp_path / "lines.txt")
    assert tables.interactions.to_pydict() == {"user_id": [2, 1, 2, 2], "item_id": [5, 6, 4, 6], "place": [1, 1, 2, 3]}
    assert tables.item_names().tolist() == ["4", "5", "6"]
