"""Figures, their limits, their files and their page."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.speed.figures import Bench, Figure, Measured, Subject, read, write
from benchmarks.speed.page import number, page


def test_limits() -> None:
    assert Figure("a", 2.0).reached is None
    assert [Figure("a", value, least=10).reached for value in (9.9, 10.0)] == [False, True]
    assert [Figure("a", value, most=0.5).reached for value in (0.5, 0.51)] == [True, False]


def test_round_trip(tmp_path: Path) -> None:
    figures = [Figure("a", 2.5, least=1.0, beside="5 ms against 2 ms"), Figure("b", 3.0, "GiB", most=6.0)]
    write(tmp_path / "results" / "row.json", figures, 1.25)
    found = read(tmp_path / "results" / "row.json")
    assert found is not None and list(found.figures) == figures and found.load == 1.2
    assert read(tmp_path / "none.json") is None
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["row.json"]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0641, "×", "0.064×"),
        (0.5, "×", "0.50×"),
        (12.34, "ms", "12.3 ms"),
        (1234.5, "s", "1,234 s"),
        (0.96, "", "0.96"),
    ],
)
def test_numbers(value: float, unit: str, text: str) -> None:
    assert number(value, unit) == text


def test_page_holds_what_was_measured() -> None:
    def measure(_: Bench) -> list[Figure]:
        return []

    subjects = [Subject(name, name.upper(), "How.", measure) for name in ("one", "two")]
    figures = (
        Figure("fast", 3.0, least=5.0, beside="6 against 2"),
        Figure("small", 1.0, "GiB", most=6.0),
        Figure("any", 1.0),
    )
    text = page(subjects, {"two": Measured(figures, "A machine", 0.5)})
    assert "ONE" not in text and "## TWO" in text and "`--only two`. How." in text and "A machine; load 0.5." in text
    assert "| fast | 3.00× | ≥ 5.00× | **no** | 6 against 2 |" in text
    assert "| small | 1.00 GiB | ≤ 6.00 GiB | yes |  |" in text and "| any | 1.00× |  |  |  |" in text
