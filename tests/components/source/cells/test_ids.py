"""Ids become text, and what would break files of ids is refused."""

from __future__ import annotations

import datetime
import math
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from modules.roles import Column, Encoding, Part, Table

_TEXT = Column("title", "bytes", table=Table.ITEM, encoding=Encoding.TEXT)
_ITEM = Column("item_id", "bytes", Part.ITEM_ID)


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
def test_ids(normal: Any, cells: Any, ids: list[str]) -> None:
    assert normal(_ITEM, cells) == ids


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
def test_characters_that_ids_may_not_have(refuses: Any, bad: str) -> None:
    refuses(_ITEM, ["fine", bad], r"row 102 \(user_id 'u'\), column item_id: expected an id without line breaks")


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
def test_bad_ids(refuses: Any, cells: Any, message: str) -> None:
    refuses(_ITEM, cells, message)


def test_text_that_parquet_says_is_text_is_still_checked(refuses: Any) -> None:
    lie = pa.Array.from_buffers(pa.string(), 1, pa.array([b"caf\xe9"]).buffers())
    refuses(_TEXT, lie, r"UTF-8 text, received b'caf\\xe9', byte 3")
