from __future__ import annotations

import pytest

from datasets.movielens.titles import genres_in, year_in


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("The Long Pier (1987)", 1987),
        ("The Long Pier (1987) ", 1987),
        ("Pier, The (La Jetée) (1962)", 1962),
        ("Harbour Tales (2006–2007)", 2006),
        ("Harbour Tales (2006-2007)", 2006),
        ("Harbour Tales (2015- )", 2015),
        ("Harbour Tales", None),
        ("2001 Nights", None),
        ("(1999) and after", None),
        ("", None),
    ],
)
def test_year_in(title: str, year: int | None) -> None:
    assert year_in(title) == year


@pytest.mark.parametrize(
    ("cell", "genres"),
    [("Drama", ["Drama"]), ("Drama|War", ["Drama", "War"]), ("(no genres listed)", []), ("", [])],
)
def test_genres_in(cell: str, genres: list[str]) -> None:
    assert genres_in(cell) == genres
