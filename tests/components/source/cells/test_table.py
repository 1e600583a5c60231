"""Raw cells of every kind: what they become, and how a bad one is named."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.source import CellLimits, canonical_type, normalise, read_table
from modules.errors import InputError
from modules.roles import Column, Encoding, Part, Roles, Table

_NOW = 1_700_000_000.0
_LIMITS = CellLimits(max_cell_bytes=20, now=_NOW)
_USER, _ITEM = Column("user_id", "bytes", Part.USER_ID), Column("item_id", "bytes", Part.ITEM_ID)
_TIME, _SPLIT = Column("time", "int", Part.TIME), Column("split", "bytes", Part.SPLIT)
_RATING = Column("rating", "float", Part.TARGET)
_STARS = Column("rating", "float", Part.TARGET, minimum=1, maximum=5)
_EVENT = Column("event", "bytes", Part.EVENT)
_TEXT = Column("title", "bytes", table=Table.ITEM, encoding=Encoding.TEXT)
_INT = Column("year", "int", table=Table.ITEM, encoding=Encoding.CATEGORICAL)
_FLOAT = Column("price", "float", table=Table.ITEM, encoding=Encoding.CONTINUOUS)
_IMAGE = Column("image", "bytes", table=Table.ITEM, encoding=Encoding.IMAGE)
_TAGS = Column("tags", "bytes", table=Table.ITEM, encoding=Encoding.CATEGORICAL, is_list=True)
_YEARS = Column("years", "int", table=Table.ITEM, encoding=Encoding.CATEGORICAL, is_list=True)
_UTC = datetime.UTC


def _normal(column: Column, cells: pa.Array | Sequence[Any], limits: CellLimits = _LIMITS) -> list[Any]:
    """The normalised cells of one column, in a table where it belongs."""
    if column.table:
        table, key = "items", "item_id"
    else:
        table, key = "interactions", "user_id"
    columns = tuple({other.name: other for other in (_USER, _ITEM, column)}.values())
    raw = {"user_id": ["u"] * len(cells), "item_id": ["i"] * len(cells), "other": [None] * len(cells)}
    raw[column.name] = cells if isinstance(cells, pa.Array | pa.ChunkedArray) else pa.array(cells)
    result = normalise(pa.table(raw), table, Roles(columns), limits, first_row=100)
    result.validate(full=True)
    assert result.column_names[0] == key
    assert result.schema.field(column.name).type == canonical_type(column)
    cells = result.column(column.name).to_pylist()
    return list(cells)


def _refuses(column: Column, cells: pa.Array | Sequence[Any], message: str, limits: CellLimits = _LIMITS) -> None:
    with pytest.raises(InputError, match=message) as raised:
        _normal(column, cells, limits)
    assert f"column {column.name}: expected" in str(raised.value)


# Ids


@pytest.mark.parametrize(
    ("cells", "ids"),
    [
        (["007", "a b", "ä-漢"], ["007", "a b", "ä-漢"]),
        ([7, -1, 2**63 - 1], ["7", "-1", "9223372036854775807"]),
        (pa.array([7, 255], pa.uint8()), ["7", "255"]),
        (pa.array([7.0, 2.0**52]), ["7", "4503599627370496"]),
        (pa.array([b"x", "é".encode()]), ["x", "é"]),
        ([Decimal("12345678901234567890"), Decimal("7.00")], ["12345678901234567890", "7"]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        (pa.array(["a"], pa.large_string()), ["a"]),
        (pa.chunked_array([pa.array(["a"]), pa.array(["b"])]), ["a", "b"]),
        (pa.chunked_array([pa.array(["a"]).dictionary_encode(), pa.array(["b"]).dictionary_encode()]), ["a", "b"]),
        (["x" * 256], ["x" * 256]),
    ],
)
def test_ids(cells: Any, ids: list[str]) -> None:
    assert _normal(_ITEM, cells) == ids


@pytest.mark.parametrize(
    "bad",
    [
        "a\nb",
        "a\tb",
        "\x00",
        "a\x7f",
        "a,b",
        "😀",
        "☃",
        "©",
        "x\u200dy",
        "1\ufe0f\u20e3",
        "\ue000",
        "\u2028",
        "\U0001fae8",
    ],
)
def test_characters_that_ids_may_not_have(bad: str) -> None:
    _refuses(_ITEM, ["fine", bad], r"row 102 \(user_id 'u'\), column item_id: expected an id without line breaks")


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["a", None], "row 102.*an id in every row, received null"),
        (["a", ""], "row 102.*an id in every row, received ''"),
        (["x" * 257], "256 characters at most"),
        ([1.5], "an integer or text id, received 1.5"),
        ([math.nan], "an integer or text id, received nan"),
        ([2.0**60], "too large for a float"),
        ([True], "an integer or text id, received True"),
        ([datetime.date(2024, 1, 1)], "an integer or text id, received 2024-01-01"),
        ([["a"]], "a single value"),
        ([b"caf\xe9"], r"UTF-8 text, received b'caf\\xe9', byte 3"),
        (pa.nulls(1), "an id in every row, received null"),
    ],
)
def test_bad_ids(cells: Any, message: str) -> None:
    _refuses(_ITEM, cells, message)


def test_text_that_parquet_says_is_text_is_still_checked() -> None:
    lie = pa.Array.from_buffers(pa.string(), 1, pa.array([b"caf\xe9"]).buffers())
    _refuses(_TEXT, lie, r"UTF-8 text, received b'caf\\xe9', byte 3")


# Times


@pytest.mark.parametrize(
    ("cells", "seconds"),
    [
        ([0, 1_700_086_400], [0, 1_700_086_400]),  # up to a day after now
        ([1.9, 5e8], [1, 500_000_000]),
        ([Decimal("5.5")], [5]),
        (["5", " 6 ", "7.5"], [5, 6, 7]),
        ([b"5", b"1970-01-02"], [5, 86_400]),
        ([datetime.datetime(1970, 1, 2)], [86_400]),
        (pa.array([1_999], pa.timestamp("ms")), [1]),
        (pa.array([2_000_000_001], pa.timestamp("ns", "Europe/Berlin")), [2]),
        ([datetime.datetime(1970, 1, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))], [3_600]),
        ([datetime.date(1970, 1, 3)], [172_800]),
        (pa.array([86_400_000], pa.date64()), [86_400]),
        (["1970-01-02", "1970-01-01T00:00:01", "1970-01-01 00:00:02.75"], [86_400, 1, 2]),
        (["1970-01-01T01:00:00+01:00", "1970-01-01T00:00:03Z", "4"], [0, 3, 4]),
    ],
)
def test_times(cells: Any, seconds: list[int]) -> None:
    assert _normal(_TIME, cells) == seconds


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            [1, None],
            "row 102 .*column time: expected seconds since the epoch, a timestamp or ISO-8601 text, received null",
        ),
        ([math.nan], "received nan"),
        ([-1], "1970 or later, received -1"),
        (["1969-12-31"], "1970 or later, received '1969-12-31'"),
        ([1_700_086_401], "not in the future, received 1700086401"),
        ([datetime.datetime(2030, 1, 1)], "not in the future, received 2030-01-01 00:00:00"),
        ([1_700_000_000_000], r"seconds since the epoch, received 1700000000000 \(milliseconds\?\)"),
        (["1700000000000"], r"received '1700000000000' \(milliseconds\?\)"),
        ([1_700_000_000_000_000], r"\(microseconds\?\)"),
        ([1_700_000_000_000_000_000], r"\(nanoseconds\?\)"),
        (["1970-01-01", "1700000000000"], r"row 102 .*\(milliseconds\?\)"),
        (["1970-01-01", "yesterday"], "row 102 .*received 'yesterday'"),
        (["1970-01-01", ""], "row 102 .*received ''"),
        ([True], "received True"),
    ],
)
def test_bad_times(cells: Any, message: str) -> None:
    _refuses(_TIME, cells, message)


def test_the_clock_is_now_if_nothing_else_is() -> None:
    assert _normal(_TIME, [1_750_000_000], CellLimits()) == [1_750_000_000]
    _refuses(_TIME, [99_999_999_999], "not in the future", CellLimits())


@given(st.datetimes(datetime.datetime(1970, 1, 1), datetime.datetime(2023, 11, 14)))
def test_all_spellings_of_a_moment_agree(moment: datetime.datetime) -> None:
    seconds = math.floor(moment.replace(tzinfo=_UTC).timestamp())
    assert _normal(_TIME, [moment]) == [seconds]
    assert _normal(_TIME, [moment.replace(tzinfo=_UTC)]) == [seconds]
    assert _normal(_TIME, [moment.isoformat()]) == [seconds]
    assert _normal(_TIME, [str(seconds)]) == [seconds]


# Targets and other numbers


@pytest.mark.parametrize(
    ("cells", "targets"),
    [
        ([1, 5], [1.0, 5.0]),
        ([1.5, 4.25], [1.5, 4.25]),
        (["1", " 2.5 ", "+3"], [1.0, 2.5, 3.0]),
        ([Decimal("3.5")], [3.5]),
        ([True], [1.0]),
    ],
)
def test_targets(cells: Any, targets: list[float]) -> None:
    assert _normal(_STARS, cells) == targets


@pytest.mark.parametrize(
    ("column", "cells", "message"),
    [
        (_STARS, [3.0, None], "row 102 .*a number from 1 to 5, received null"),
        (_STARS, [math.nan], "received nan"),
        (_STARS, ["nan"], "received 'nan'"),
        (_STARS, [0.5], "a number from 1 to 5, received 0.5"),
        (_STARS, [5.5], "a number from 1 to 5, received 5.5"),
        (_STARS, ["good"], "received 'good'"),
        (_STARS, [""], "received ''"),
        (_RATING, [-0.1], "a number of at least 0, received -0.1"),
        (_RATING, [math.inf], "received inf"),
        (_RATING, [1e39], "received 1e.39"),
        (_RATING, [datetime.date(2024, 1, 1)], "received 2024-01-01"),
    ],
)
def test_bad_targets(column: Column, cells: Any, message: str) -> None:
    _refuses(column, cells, message)


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        ([1.5, math.nan, None, -2.0], [1.5, None, None, -2.0]),
        ([1, 2], [1.0, 2.0]),
        ([True, False, None], [1.0, 0.0, None]),
        (["1.5", "", " ", "1e2", "nan", "+5"], [1.5, None, None, 100.0, None, 5.0]),
        ([Decimal("2.50"), None], [2.5, None]),
        ([b"2.5"], [2.5]),
        (pa.array([1.5, None], pa.float32()), [1.5, None]),
        (pa.array(np.array([1.5, -2], np.float16)), [1.5, -2.0]),
        (pa.nulls(2), [None, None]),
    ],
)
def test_floats(cells: Any, numbers: list[float | None]) -> None:
    assert _normal(_FLOAT, cells) == numbers


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([1.0, math.inf], "row 102 .*a finite number"),
        (["-inf"], "a finite number"),
        ([1e300], "32-bit float"),
        (["1.0", "1_000"], "row 102 .*a number, received '1_000'"),
        (["cheap"], "a number, received 'cheap'"),
        ([datetime.datetime(2024, 1, 1)], "a number, received 2024-01-01"),
        ([[1.0]], r"a number, received \[1.0\]"),
    ],
)
def test_bad_floats(cells: Any, message: str) -> None:
    _refuses(_FLOAT, cells, message)


@pytest.mark.parametrize(
    ("cells", "integers"),
    [
        ([7, None, -(2**63)], [7, None, -(2**63)]),
        ([7.0, math.nan], [7, None]),
        (["7", " -8 ", "", None], [7, -8, None, None]),
        (["7", "+8", "9.0", "9223372036854775807"], [7, 8, 9, 2**63 - 1]),
        ([Decimal("7.00"), Decimal("9007199254740993")], [7, 9007199254740993]),
        ([True, None], [1, None]),
        (pa.nulls(1), [None]),
        (pa.array([7], pa.uint64()), [7]),
    ],
)
def test_integers(cells: Any, integers: list[int | None]) -> None:
    assert _normal(_INT, cells) == integers


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([7.0, 7.5], "row 102 .*an integer, received 7.5"),
        (["7", "x"], "row 102 .*an integer, received 'x'"),
        (["7.5"], "an integer, received '7.5'"),
        ([Decimal("7.5")], "an integer, received '7.5'"),
        (["9223372036854775808"], "an integer of 64 bits"),
        (pa.array([2**63], pa.uint64()), "an integer of 64 bits"),
        ([1e19], "an integer of 64 bits"),
        ([math.inf], "an integer of 64 bits"),
        ([datetime.date(2024, 1, 1)], "an integer, received 2024-01-01"),
    ],
)
def test_bad_integers(cells: Any, message: str) -> None:
    _refuses(_INT, cells, message)


# Text


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        (["Tea\n😀", "", None], ["Tea\n😀", "", None]),
        ([b"Caf\xc3\xa9", None], ["Café", None]),
        ([7, None], ["7", None]),
        ([7.0, 2.5, math.nan, None], ["7", "2.5", None, None]),
        (pa.array([0.1], pa.float32()), ["0.1"]),
        ([True, False], ["true", "false"]),
        ([Decimal("2.50"), Decimal("3")], ["2.5", "3"]),
        ([datetime.date(2024, 1, 2)], ["2024-01-02"]),
        (pa.array([0], pa.timestamp("s", "Europe/Berlin")), ["1970-01-01 00:00:00"]),
        (pa.nulls(1), [None]),
        (["é" * 10], ["é" * 10]),  # 20 bytes
    ],
)
def test_texts(cells: Any, texts: list[str | None]) -> None:
    assert _normal(_TEXT, cells) == texts


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([b"ok", b"\xff\xfe"], r"row 102 \(item_id 'i'\), column title: expected UTF-8 text, received .*byte 0"),
        (["a", "é" * 10 + "x"], "row 102 .*a text of 20 bytes at most"),
        (["a\x00b"], r"text without NUL characters, received 'a\\x00b'"),
        ([["a"]], "a single value"),
        ([{"a": 1}], "a single value"),
    ],
)
def test_bad_texts(cells: Any, message: str) -> None:
    _refuses(_TEXT, cells, message)


def test_a_title_of_ten_megabytes_is_cut_in_the_message() -> None:
    with pytest.raises(InputError, match="1,000,000 bytes at most") as raised:
        _normal(_TEXT, ["x" * 10_000_000], CellLimits())
    assert len(str(raised.value)) < 300


@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=5))
def test_text_stays_what_it_is(text: str) -> None:
    assert _normal(_TEXT, [text]) == [text]
    assert _normal(_TEXT, [text.encode()]) == [text]


def test_splits_and_events() -> None:
    assert _normal(_SPLIT, ["train", "eval", "test"]) == ["train", "eval", "test"]
    for bad, received in (("Train", "'Train'"), ("valid", "'valid'"), (" test", "' test'"), (None, "null")):
        _refuses(_SPLIT, ["train", bad], f'row 102 .*"train", "eval" or "test", received {received}')
    assert _normal(_EVENT, ["view", None]) == ["view", None]
    known = CellLimits(events=frozenset(["view", "buy"]))
    assert _normal(_EVENT, ["view", "buy"], known) == ["view", "buy"]
    _refuses(_EVENT, ["view", "like"], r"a weight in \[data.event_weights\] \(buy, view\), received 'like'", known)
    _refuses(_EVENT, ["view", None], "received null", known)


# Lists


@pytest.mark.parametrize(
    ("cells", "lists"),
    [
        (["a|b", " a b | c ", "", None, "|x||", "|"], [["a", "b"], ["a b", "c"], [], None, ["x"], []]),
        ([["a", "b"], [], None, [None, "c", " "]], [["a", "b"], [], None, ["c"]]),
        (pa.array([["a"], None], pa.large_list(pa.large_string())), [["a"], None]),
        (pa.array([["a", "b"]], pa.list_(pa.string(), 2)), [["a", "b"]]),
        (pa.array([["a"], ["b", "c"], None, ["d"]])[1:], [["b", "c"], None, ["d"]]),
        (pa.array([["a", "b"], ["a"]]).cast(pa.list_(pa.string())), [["a", "b"], ["a"]]),
        ([[1, 2], [3]], [["1", "2"], ["3"]]),
        ([7, None], [["7"], None]),
        ([b"a|b"], [["a", "b"]]),
        (pa.nulls(2), [None, None]),
    ],
)
def test_lists(cells: Any, lists: list[list[str] | None]) -> None:
    assert _normal(_TAGS, cells) == lists


def test_lists_of_categories_and_of_numbers() -> None:
    values = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0]), pa.array(["x", "y"]))
    assert _normal(_TAGS, pa.ListArray.from_arrays(pa.array([0, 2, 3], pa.int32()), values)) == [["x", "y"], ["x"]]
    assert _normal(_YEARS, ["1999|2000", "", None]) == [[1999, 2000], [], None]
    assert _normal(_YEARS, [[1999.0, math.nan], []]) == [[1999], []]


def test_bad_lists() -> None:
    _refuses(_YEARS, ["1|2", "3|x"], r"row 102 \(item_id 'i'\), column years: expected an integer, received 'x'")
    _refuses(_TAGS, [["a"], ["b", "x" * 21]], "row 102 .*a text of 20 bytes at most")
    _refuses(_TAGS, ["a|" * 11], "a text of 20 bytes at most")
    _refuses(_TAGS, [b"a|\xff"], "UTF-8")
    _refuses(_TAGS, [[["a"]]], "a single value")


@given(st.lists(st.none() | st.lists(st.none() | st.text("ab", min_size=1, max_size=3), max_size=4), max_size=6))
def test_lists_keep_their_values(cells: list[list[str | None] | None]) -> None:
    expected = [None if cell is None else [value for value in cell if value] for cell in cells]
    assert _normal(_TAGS, pa.array(cells, pa.list_(pa.string()))) == expected


# Images


def test_images(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(b"\x89PNG")
    limits = CellLimits(image_folder=str(tmp_path))
    assert _normal(_IMAGE, [b"\x89PNG\xff", None]) == [b"\x89PNG\xff", None]
    assert _normal(_IMAGE, ["pictures/a.png", None], limits) == [b"\x89PNG", None]
    assert _normal(_IMAGE, pa.nulls(1)) == [None]
    (tmp_path / "pictures" / "large.png").write_bytes(bytes(5_000_001))
    (tmp_path / "pictures" / "out").symlink_to("/etc/hostname")
    for path, message in (
        ("pictures/b.png", "the path of an image, received 'pictures/b.png': No such file"),
        ("../x.png", "inside of the data's folder, received '../x.png'"),
        ("/etc/hostname", "inside of the data's folder"),
        ("pictures/out", "inside of the data's folder"),
        ("pictures", "Is a directory"),
        ("pictures/large.png", "5,000,000 bytes at most"),
    ):
        _refuses(_IMAGE, ["pictures/a.png", path], f"row 102 .*{message}", limits)
    _refuses(_IMAGE, ["a.png"], "paths are for files and SQLite only")
    _refuses(_IMAGE, [b""], "an encoded image")
    _refuses(_IMAGE, [bytes(5_000_001)], "5,000,000 bytes at most")
    _refuses(_IMAGE, [1], "the bytes of an image or the path of one")
    (tmp_path / "empty.png").touch()
    _refuses(_IMAGE, ["empty.png"], "an encoded image", limits)
    _refuses(_IMAGE, [""], "an encoded image|the path of an image", limits)


# Tables


def test_columns_of_other_tables_and_of_no_schema_are_left_out() -> None:
    note = Column("note", "bytes")
    roles = Roles((note, _FLOAT, _ITEM, _USER))
    raw = pa.table({"price": [1], "other": [2], "item_id": [3], "user_id": [4], "note": ["n"]})
    assert normalise(raw, "interactions", roles, _LIMITS, 0).to_pylist() == [
        {"user_id": "4", "note": "n", "item_id": "3"}
    ]
    assert normalise(raw, "items", roles, _LIMITS, 0).to_pylist() == [{"item_id": "3", "note": "n", "price": 1.0}]
    assert normalise(raw, "users", roles, _LIMITS, 0).column_names == ["user_id", "note"]
    assert normalise(raw.drop(["note"]), "users", roles, _LIMITS, 0).column_names == ["user_id"]
    with pytest.raises(InputError, match='table items: expected a column "price", received item_id'):
        normalise(raw.select(["item_id"]), "items", roles, _LIMITS, 0)


def test_no_rows() -> None:
    raw = pa.table({"item_id": pa.nulls(0), "tags": pa.nulls(0), "image": pa.nulls(0)})
    result = normalise(raw, "items", Roles((_USER, _ITEM, _TAGS, _IMAGE)), _LIMITS, 0)
    assert result.num_rows == 0 and result.schema.types == [pa.string(), pa.list_(pa.string()), pa.binary()]


def test_required_columns() -> None:
    column = Column("price", "float", table=Table.ITEM, encoding=Encoding.CONTINUOUS, required=True)
    assert _normal(column, [1.5]) == [1.5]
    _refuses(column, [1.5, math.nan], "row 102 .*a value in every row .*received nan")
    _refuses(column, [None, 1.5], "row 101 .*received null")


def test_read_table_normalises_chunk_by_chunk_and_slices_those_with_images() -> None:
    class Numbered:
        table = "items"

        def read(self) -> Any:
            yield 0, pa.table({"item_id": range(700), "image": [b"x"] * 700})
            yield 700, pa.table({"item_id": ["z", None], "image": [b"x"] * 2})

    tables = read_table(Numbered(), Roles((_USER, _ITEM, _IMAGE)), _LIMITS)
    assert [next(tables).num_rows, next(tables).num_rows] == [500, 200]
    with pytest.raises(InputError, match="table items, row 702, column item_id"):
        next(tables)
