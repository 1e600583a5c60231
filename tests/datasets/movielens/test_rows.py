from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.movielens.rows import Field, Layout, read_tables
from modules.errors import InputError

FIELDS = (Field("id", pa.int64(), 0), Field("name", pa.string()), Field("stars", pa.float32(), 0.5, 5))
COLONS = Layout("::", "latin-1", FIELDS)
COMMAS = Layout(",", "utf-8", FIELDS, header=("id", "name", "stars"))


def write(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "rows"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_columns_are_typed_and_chunked(tmp_path: Path) -> None:
    path = write(tmp_path, "1::Ann::5\n2::Bob::0.5\r\n\n3::Caf\xe9::3\n".encode("latin-1"))
    tables = list(read_tables(path, COLONS, chunk_rows=2))
    assert [table.num_rows for table in tables] == [2, 1]
    table = pa.concat_tables(tables)
    assert table.schema == pa.schema([("id", pa.int64()), ("name", pa.string()), ("stars", pa.float32())])
    assert table.to_pydict() == {"id": [1, 2, 3], "name": ["Ann", "Bob", "Café"], "stars": [5.0, 0.5, 3.0]}


def test_commas_and_quotes_inside_quoted_cells(tmp_path: Path) -> None:
    path = write(tmp_path, 'id,name,stars\n1,"Ann, the ""first""",5\n')
    assert next(read_tables(path, COMMAS))["name"].to_pylist() == ['Ann, the "first"']


@pytest.mark.parametrize(
    ("text", "layout", "message"),
    [
        ("1::Ann::5\n2::Bob\n", COLONS, "line 2: expected 3 fields, received 2"),
        ("1::Ann::5\n\n2::Bob::4::9\n", COLONS, "line 3: expected 3 fields, received 4"),
        ("1::Ann::5\nx::Bob::4\n", COLONS, "line 2: expected id to be a number of type int64, received 'x'"),
        ("1::Ann::5\n::Bob::4\n", COLONS, "line 2: expected id to be a number of type int64, received ''"),
        ("1.5::Ann::5\n", COLONS, "line 1: expected id to be a number"),
        ("1::Ann::5\n2::Bob::5.5\n", COLONS, "line 2: expected stars from 0.5 to 5, received 5.5"),
        ("1::Ann::nan\n", COLONS, "line 1: expected stars from 0.5 to 5, received nan"),
        ("1::Ann::inf\n", COLONS, "line 1: expected stars from 0.5 to 5, received inf"),
        ("-1::Ann::5\n", COLONS, "line 1: expected id from 0 to inf, received -1"),
        ("", COLONS, "expected at least one row, received none"),
        ("id,name,stars\n", COMMAS, "expected at least one row, received none"),
        ("id,stars,name\n1,5,Ann\n", COMMAS, "line 1: expected the header id,name,stars, received id,stars,name"),
        ('id,name,stars\n1,Ann,5\n2,"Bob,5\n', COMMAS, "after line 2: expected well-formed CSV"),
        (b"id,name,stars\n1,Caf\xe9,5\n", COMMAS, "expected utf-8 text"),
    ],
)
def test_wrong_row_is_named(tmp_path: Path, text: str | bytes, layout: Layout, message: str) -> None:
    with pytest.raises(InputError) as caught:
        list(read_tables(write(tmp_path, text), layout))
    assert message in str(caught.value)
    assert "rows" in str(caught.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"file .*absent: expected a readable file"):
        list(read_tables(tmp_path / "absent", COLONS))


@settings(deadline=None, max_examples=50)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 2**62), st.text(st.characters(codec="latin-1", exclude_characters=":\r\n")))
    ),
    bad=st.integers(0, 30),
    chunk_rows=st.integers(1, 7),
)
def test_any_text_survives_and_any_bad_line_is_found(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str]], bad: int, chunk_rows: int
) -> None:
    path = tmp_path_factory.mktemp("rows") / "rows"
    lines = [f"{number}::{name}::1\n" for number, name in rows]
    path.write_text("".join(lines), encoding="latin-1", newline="")
    if rows:
        table = pa.concat_tables(read_tables(path, COLONS, chunk_rows))
        assert list(zip(table["id"].to_pylist(), table["name"].to_pylist(), strict=True)) == rows
    bad = min(bad, len(lines))
    path.write_text("".join([*lines[:bad], "1::x::9\n", *lines[bad:]]), encoding="latin-1", newline="")
    with pytest.raises(InputError, match=rf"line {bad + 1}: expected stars"):
        list(read_tables(path, COLONS, chunk_rows))
