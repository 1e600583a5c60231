"""How values are written."""

from __future__ import annotations

import pytest

from components.report import wording


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0.0312345, "0.0312"),
        (0.0, "0.0000"),
        (1.0, "1.0000"),
        (0.000012, "1.2e-05"),
        (12.5, "12.50"),
        (4873.0, "4,873"),
        (7, "7"),
        (1234567, "1,234,567"),
        (-0.1, "-0.1000"),
        ("exact", "exact"),
        (True, "yes"),
    ],
)
def test_number(value: float | str | None, shown: str) -> None:
    assert wording.number(value) == shown


def test_seconds_and_moments() -> None:
    assert [wording.seconds(value) for value in (None, 0.44, 38.2, 59.7, 425)] == [
        "–",
        "0.4 s",
        "38 s",
        "1 min 00 s",
        "7 min 05 s",
    ]
    assert wording.moment("2024-05-06T02:00:11.123+00:00") == "2024-05-06 02:00:11 UTC"
    assert wording.moment("2024-05-06T02:00:11Z") == "2024-05-06 02:00:11 UTC"
    assert wording.moment("2024-05-06T02:00:11+02:00") == "2024-05-06 02:00:11+02:00"
    assert wording.moment(None) == "–"


def test_plain() -> None:
    assert wording.plain("a\nb\x1b[31m\u202ec   d") == "a b [31m c d"
    assert wording.plain("abcdef", width=4) == "abc…"
