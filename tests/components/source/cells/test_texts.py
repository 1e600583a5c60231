"""Text, kinds of events and splits."""

from __future__ import annotations

import datetime
import math
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.source import CellLimits
from modules.errors import InputError
from modules.roles import Column, Encoding, Part, Table

_EVENT = Column("event", "bytes", Part.EVENT)
_TEXT = Column("title", "bytes", table=Table.ITEM, encoding=Encoding.TEXT)
_SPLIT = Column("split", "bytes", Part.SPLIT)


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
def test_texts(normal: Any, cells: Any, texts: list[str | None]) -> None:
    assert normal(_TEXT, cells) == texts


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
def test_bad_texts(refuses: Any, cells: Any, message: str) -> None:
    refuses(_TEXT, cells, message)


def test_a_title_of_ten_megabytes_is_cut_in_the_message(normal: Any) -> None:
    with pytest.raises(InputError, match="1,000,000 bytes at most") as raised:
        normal(_TEXT, ["x" * 10_000_000], CellLimits())
    assert len(str(raised.value)) < 300


@given(text=st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=5))
def test_text_stays_what_it_is(normal: Any, text: str) -> None:
    assert normal(_TEXT, [text]) == [text]
    assert normal(_TEXT, [text.encode()]) == [text]


def test_splits_and_events(normal: Any, refuses: Any) -> None:
    assert normal(_SPLIT, ["train", "eval", "test"]) == ["train", "eval", "test"]
    for bad, received in (("Train", "'Train'"), ("valid", "'valid'"), (" test", "' test'"), (None, "null")):
        refuses(_SPLIT, ["train", bad], f'row 102 .*"train", "eval" or "test", received {received}')
    assert normal(_EVENT, ["view", None]) == ["view", None]
    known = CellLimits(events=frozenset(["view", "buy"]))
    assert normal(_EVENT, ["view", "buy"], known) == ["view", "buy"]
    refuses(_EVENT, ["view", "like"], r"a weight in \[data.event_weights\] \(buy, view\), received 'like'", known)
    refuses(_EVENT, ["view", None], "received null", known)
