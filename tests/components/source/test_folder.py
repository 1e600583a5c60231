"""Folders of Parquet and CSV files."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.source import open_source
from components.source.parquet_file import partitions
from modules.errors import InputError


def _parquet(path: Path, rows: int, group_rows: int) -> Path:
    pq.write_table(pa.table({"item_id": range(rows), "x": [None] * rows}), path, row_group_size=group_rows)
    return path


def _chunks(source: Any, table: str, rows: int, columns: list[str]) -> list[tuple[int, list[Any]]]:
    parts = [pickle.loads(pickle.dumps(part)) for part in source.partitions(table, rows, columns)]
    return [(first, chunk.column(0).to_pylist()) for part in parts for first, chunk in part.read()]


def test_facts(tmp_path: Path) -> None:
    _parquet(tmp_path / "items.parquet", 5, 2)
    (tmp_path / "users.csv").write_text('user_id,note\n007,"a\nb"\n8,\n')
    (tmp_path / "other.csv").write_text("nothing")
    facts = open_source(str(tmp_path)).facts()
    assert facts["items"].columns == {"item_id": "int64", "x": "null"} and facts["items"].rows == 5
    assert facts["users"].columns == {"user_id": "text", "note": "text"} and facts["users"].rows == 2
    assert list(facts) == ["items", "users"]


def test_a_table_in_both_formats_is_refused(tmp_path: Path) -> None:
    _parquet(tmp_path / "items.parquet", 1, 1)
    (tmp_path / "items.csv").write_text("item_id\n1\n")
    with pytest.raises(InputError, match="items.parquet and items.csv"):
        open_source(str(tmp_path))


def test_small_row_groups_are_read_together_and_large_ones_in_pieces(tmp_path: Path) -> None:
    _parquet(tmp_path / "items.parquet", 5, 2)  # groups of 2, 2, 1
    source = open_source(str(tmp_path))
    assert [part.groups for part in partitions("items", tmp_path / "items.parquet", 4, ("item_id",))] == [(0, 1), (2,)]
    assert _chunks(source, "items", 4, ["item_id"]) == [(0, [0, 1, 2, 3]), (4, [4])]
    assert _chunks(source, "items", 1, ["item_id"]) == [(0, [0]), (1, [1]), (2, [2]), (3, [3]), (4, [4])]


@given(total=st.integers(0, 60), group=st.integers(1, 40), rows=st.integers(1, 40))
def test_parquet_partitions_hold_each_row_once(
    tmp_path_factory: pytest.TempPathFactory, total: int, group: int, rows: int
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    _parquet(folder / "items.parquet", total, group)
    chunks = _chunks(open_source(str(folder)), "items", rows, ["item_id"])
    assert [value for _, values in chunks for value in values] == list(range(total))
    assert all(values[0] == first for first, values in chunks)


def test_csv_cells_are_text_and_absent_ones_null(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_bytes('\ufeffuser_id,note\r\n007,"say ""a,\nb"""\r\n8,\r\n9,""\r\n'.encode())
    (partition,) = open_source(str(tmp_path)).partitions("users", 1, ["user_id", "note"])
    ((first, chunk),) = partition.read()
    assert first == 0
    assert chunk.to_pydict() == {"user_id": ["007", "8", "9"], "note": ['say "a,\nb"', None, ""]}


def test_csv_is_streamed_in_chunks(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("user_id\n" + "\n".join(map(str, range(120_000))))
    source = open_source(str(tmp_path))
    chunks = _chunks(source, "users", 1, ["user_id"])
    assert [(first, len(values), values[0]) for first, values in chunks] == [
        (0, 50_000, "0"),
        (50_000, 50_000, "50000"),
        (100_000, 20_000, "100000"),
    ]
    assert source.facts()["users"].rows == 120_000


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "Empty CSV file"),
        (b"user_id,note\n1,2,3\n", "Expected 2 columns, got 3"),
        (b"user_id,user_id\n1,2\n", "each column once, received user_id, user_id"),
        (b"user_id,n\xe9\n1,2\n", "UTF-8 text"),
    ],
)
def test_broken_csv(tmp_path: Path, content: bytes, expected: str) -> None:
    (tmp_path / "users.csv").write_bytes(content)
    with pytest.raises(InputError, match=f"file .*users.csv.*{expected}"):
        open_source(str(tmp_path)).facts()


def test_csv_that_is_not_utf8_is_named_by_row_and_byte(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_bytes(b"user_id,note\n1,Tea\n2,Caf\xe9\n")
    source = open_source(str(tmp_path))
    assert source.facts()["users"].rows == 2  # other columns are of no concern
    (partition,) = source.partitions("users", 9, ["user_id", "note"])
    with pytest.raises(InputError, match=r"users.csv, row 2, column note: expected UTF-8 text.*Caf\\xe9', byte 3"):
        list(partition.read())


def test_broken_parquet(tmp_path: Path) -> None:
    path = _parquet(tmp_path / "items.parquet", 5_000, 5_000)
    content = path.read_bytes()
    for damaged in (content[: len(content) // 2], b"", b"no Parquet file at all"):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"items.parquet: expected a whole Parquet file"):
            open_source(str(tmp_path)).facts()
    path.write_bytes(b"\xff" * 4_000 + content[4_000:])  # the footer is right, the pages are not
    (partition,) = open_source(str(tmp_path)).partitions("items", 9_999, ["item_id"])
    with pytest.raises(InputError, match=r"items.parquet: expected a whole Parquet file"):
        list(partition.read())


def test_parquet_with_a_column_twice(tmp_path: Path) -> None:
    pq.write_table(pa.table([[1], [2]], names=["item_id", "item_id"]), tmp_path / "items.parquet")
    with pytest.raises(InputError, match="each column once"):
        open_source(str(tmp_path)).facts()


def test_fingerprint_is_that_of_the_three_files(tmp_path: Path) -> None:
    _parquet(tmp_path / "items.parquet", 5, 2)
    (tmp_path / "users.csv").write_text("user_id\n1\n")
    before = open_source(str(tmp_path)).fingerprint()
    (tmp_path / "other.csv").write_text("changed")
    assert open_source(str(tmp_path)).fingerprint() == before
    (tmp_path / "users.csv").write_text("user_id\n2\n")
    assert open_source(str(tmp_path)).fingerprint() != before
