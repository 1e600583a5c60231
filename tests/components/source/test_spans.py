"""Which span of a source is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.source.spans import has_span, location_of_span
from modules.errors import InputError


def folders(root: Path, *names: str) -> None:
    for name in names:
        (root / name).mkdir(parents=True)


def test_a_location_without_a_place_is_what_it_is() -> None:
    assert not has_span("postgresql://h/db") and has_span("/data/{SPAN}")
    assert location_of_span("/data/{NAME}") == "/data/{NAME}"
    with pytest.raises(InputError, match="span: expected none for a source without"):
        location_of_span("/data", "3")


def test_the_newest_number(tmp_path: Path) -> None:
    folders(tmp_path, "span-9", "span-10", "span-x", "span-", "other-11", "span-12-old")
    assert location_of_span(f"{tmp_path}/span-{{SPAN}}") == f"{tmp_path}/span-10"
    assert location_of_span(f"{tmp_path}/span-{{SPAN}}", "9") == f"{tmp_path}/span-9"


def test_a_number_keeps_its_zeros(tmp_path: Path) -> None:
    folders(tmp_path, "007", "0010")
    assert location_of_span(f"{tmp_path}/{{SPAN}}") == f"{tmp_path}/0010"


def test_the_newest_date(tmp_path: Path) -> None:
    folders(tmp_path, "2026/11-02", "2025/12-31", "2026/9-30", "2026/11-2x")
    pattern = f"{tmp_path}/{{YYYY}}/{{MM}}-{{DD}}"
    assert location_of_span(pattern) == f"{tmp_path}/2026/11-02"
    assert location_of_span(pattern, "2024-02-29") == f"{tmp_path}/2024/02-29"


def test_a_place_that_is_there_twice_says_the_same(tmp_path: Path) -> None:
    folders(tmp_path, "3/shop-3", "5/shop-4")
    assert location_of_span(f"{tmp_path}/{{SPAN}}/shop-{{SPAN}}") == f"{tmp_path}/3/shop-3"


def test_sqlite_files(tmp_path: Path) -> None:
    for name in ("shop1.db", "shop2.db"):
        (tmp_path / name).touch()
    assert location_of_span(f"sqlite:///{tmp_path}/shop{{SPAN}}.db") == f"sqlite:///{tmp_path}/shop2.db"


@pytest.mark.parametrize(
    ("location", "span", "complaint"),
    [
        ("/data/{YYYY}", "", "source /data/{YYYY}: expected {SPAN}, or all of {YYYY}, {MM} and {DD}, received YYYY"),
        ("/data/{SPAN}-{DD}", "", "expected {SPAN}, or all of {YYYY}, {MM} and {DD}, received SPAN, DD"),
        ("/not/there/{SPAN}", "", "expected a folder or file for one span at least, received none"),
        ("postgresql://h/shop_{SPAN}", "", "expected a span: only folders and SQLite files can be looked through"),
        ("/data/{SPAN}", "two", "span: expected a number such as 17, received two"),
        ("/data/{SPAN}", "²", "span: expected a number such as 17, received ²"),
        ("/data/{YYYY}{MM}{DD}", "2026-02-30", "span: expected a date such as 2026-11-22, received 2026-02-30"),
    ],
)
def test_refused(location: str, span: str, complaint: str) -> None:
    with pytest.raises(InputError) as error:
        location_of_span(location, span)
    assert complaint in str(error.value)


def test_a_password_is_not_shown() -> None:
    with pytest.raises(InputError) as error:
        location_of_span("postgresql://u:secret@h/shop_{SPAN}")
    assert "secret" not in str(error.value)


def test_a_server_is_told_its_span() -> None:
    assert location_of_span("postgresql://h/shop_{SPAN}", "17") == "postgresql://h/shop_17"
