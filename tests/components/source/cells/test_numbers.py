"""Numbers, integers and targets, however they are written."""

from __future__ import annotations

import datetime
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from modules.roles import Column, Encoding, Part, Table

_RATING = Column("rating", "float", Part.TARGET)
_STARS = Column("rating", "float", Part.TARGET, minimum=1, maximum=5)
_INT = Column("year", "int", table=Table.ITEM, encoding=Encoding.CATEGORICAL)
_FLOAT = Column("price", "float", table=Table.ITEM, encoding=Encoding.CONTINUOUS)


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
def test_targets(normal: Any, cells: Any, targets: list[float]) -> None:
    assert normal(_STARS, cells) == targets


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
def test_bad_targets(refuses: Any, column: Column, cells: Any, message: str) -> None:
    refuses(column, cells, message)


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
def test_floats(normal: Any, cells: Any, numbers: list[float | None]) -> None:
    assert normal(_FLOAT, cells) == numbers


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
def test_bad_floats(refuses: Any, cells: Any, message: str) -> None:
    refuses(_FLOAT, cells, message)


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
def test_integers(normal: Any, cells: Any, integers: list[int | None]) -> None:
    assert normal(_INT, cells) == integers


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
def test_bad_integers(refuses: Any, cells: Any, message: str) -> None:
    refuses(_INT, cells, message)
