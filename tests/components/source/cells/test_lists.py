"""Lists, and text joined by a bar."""

from __future__ import annotations

import math
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.roles import Column, Encoding, Table

_TAGS = Column("tags", "bytes", table=Table.ITEM, encoding=Encoding.CATEGORICAL, is_list=True)
_YEARS = Column("years", "int", table=Table.ITEM, encoding=Encoding.CATEGORICAL, is_list=True)


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
def test_lists(normal: Any, cells: Any, lists: list[list[str] | None]) -> None:
    assert normal(_TAGS, cells) == lists


def test_lists_of_categories_and_of_numbers(normal: Any) -> None:
    values = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0]), pa.array(["x", "y"]))
    assert normal(_TAGS, pa.ListArray.from_arrays(pa.array([0, 2, 3], pa.int32()), values)) == [["x", "y"], ["x"]]
    assert normal(_YEARS, ["1999|2000", "", None]) == [[1999, 2000], [], None]
    assert normal(_YEARS, [[1999.0, math.nan], []]) == [[1999], []]


def test_bad_lists(refuses: Any) -> None:
    refuses(_YEARS, ["1|2", "3|x"], r"row 102 \(item_id 'i'\), column years: expected an integer, received 'x'")
    refuses(_TAGS, [["a"], ["b", "x" * 21]], "row 102 .*a text of 20 bytes at most")
    refuses(_TAGS, ["a|" * 11], "a text of 20 bytes at most")
    refuses(_TAGS, [b"a|\xff"], "UTF-8")
    refuses(_TAGS, [[["a"]]], "a single value")


@given(cells=st.lists(st.none() | st.lists(st.none() | st.text("ab", min_size=1, max_size=3), max_size=4), max_size=6))
def test_lists_keep_their_values(normal: Any, cells: list[list[str | None] | None]) -> None:
    expected = [None if cell is None else [value for value in cell if value] for cell in cells]
    assert normal(_TAGS, pa.array(cells, pa.list_(pa.string()))) == expected
