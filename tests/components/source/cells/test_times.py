"""Every spelling of a moment becomes seconds since the epoch."""

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
from modules.roles import Column, Part

_TIME = Column("time", "int", Part.TIME)


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
def test_times(normal: Any, cells: Any, seconds: list[int]) -> None:
    assert normal(_TIME, cells) == seconds


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
def test_bad_times(refuses: Any, cells: Any, message: str) -> None:
    refuses(_TIME, cells, message)


def test_the_clock_is_now_if_nothing_else_is(normal: Any, refuses: Any) -> None:
    assert normal(_TIME, [1_750_000_000], CellLimits()) == [1_750_000_000]
    refuses(_TIME, [99_999_999_999], "not in the future", CellLimits())


@given(moment=st.datetimes(datetime.datetime(1970, 1, 1), datetime.datetime(2023, 11, 14)))
def test_all_spellings_of_a_moment_agree(normal: Any, moment: datetime.datetime) -> None:
    seconds = math.floor(moment.replace(tzinfo=datetime.UTC).timestamp())
    assert normal(_TIME, [moment]) == [seconds]
    assert normal(_TIME, [moment.replace(tzinfo=datetime.UTC)]) == [seconds]
    assert normal(_TIME, [moment.isoformat()]) == [seconds]
    assert normal(_TIME, [str(seconds)]) == [seconds]
