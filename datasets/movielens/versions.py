"""The three ways in which MovieLens has been published, and how each becomes the standard tables.

100K: `u.data`, `u.item`, `u.user`. 1M (and 10M, which has no users): `ratings.dat`, `movies.dat`, `users.dat`.
From 20M on: `ratings.csv`, `movies.csv`.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa

from datasets.movielens.rows import Field, Layout, read_tables
from datasets.movielens.titles import genres_in, year_in
from modules.errors import InputError

_ID = pa.int64()
# Beyond the year 2100 a "second" is a millisecond.
_TIME = Field("timestamp", pa.int64(), 0, 4_102_444_800)
_STARS = Field("rating", pa.float32(), 1, 5)
_HALF_STARS = Field("rating", pa.float32(), 0.5, 5)
_USER, _ITEM = Field("user_id", _ID, 0), Field("item_id", _ID, 0)
_TITLE = Field("title", pa.string())

# Flags at the end of a line of u.item, after "unknown" (u.genre).
_GENRES_100K = (
    "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
    "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip

_FILES = ("u.data", "u.item", "u.user", "ratings*.dat", "movies.dat", "users.dat", "ratings*.csv", "movies.csv")


@dataclasses.dataclass(frozen=True)
class Version:
    """The tables of one published folder. Calling an attribute starts reading it from the beginning.

    Attributes:
        name: "100K", "1M", "10M" or "CSV".
        interactions: user_id, item_id int64; rating float32; timestamp int64 seconds (unless left out).
        items: item_id int64; title string; genres list<string>; year int64, null where unknown.
        users: user_id int64 and what is known of them, or None where the version has no users table.
    """

    name: str
    interactions: Callable[[], Iterator[pa.Table]]
    items: Callable[[], Iterator[pa.Table]]
    users: Callable[[], Iterator[pa.Table]] | None


def is_data_file(name: str) -> bool:
    """Whether a MovieLens file of this name is of any use here."""
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in _FILES)


def find_version(folder: Path, times: bool = True) -> Version:
    """Recognises what lies in `folder`.

    Args:
        folder: an unpacked MovieLens archive.
        times: False leaves the timestamps out, and then reads a `ratings_notime*.csv` where the timed file is not
            whole.

    Raises:
        InputError: the folder holds no MovieLens version, or one with a file missing.
    """
    if (folder / "u.data").exists():
        version = _version_100k(folder)
    elif (folder / "movies.dat").exists():
        version = _version_dat(folder, times)
    elif (folder / "movies.csv").exists():
        version = _version_csv(folder)
    else:
        present = sorted(path.name for path in folder.iterdir())
        raise InputError(f"folder {folder}", "u.data, movies.dat or movies.csv of a MovieLens data set", present)
    return version if times else dataclasses.replace(version, interactions=_without_times(version.interactions))


def _without_times(interactions: Callable[[], Iterator[pa.Table]]) -> Callable[[], Iterator[pa.Table]]:
    return lambda: (table.select(["user_id", "item_id", "rating"]) for table in interactions())


def _version_100k(folder: Path) -> Version:
    dates = (Field("released", pa.string()), Field("video_released", pa.string()), Field("url", pa.string()))
    flags = tuple(Field(genre, pa.int8(), 0, 1) for genre in ("unknown", *_GENRES_100K))
    people = (
        _USER,
        Field("age", pa.int64(), 0, 150),
        Field("gender", pa.string()),
        Field("occupation", pa.string()),
        Field("zip", pa.string()),
    )
    ratings = Layout("\t", "latin-1", (_USER, _ITEM, _STARS, _TIME))
    movies = Layout("|", "latin-1", (_ITEM, _TITLE, *dates, *flags))
    users = Layout("|", "latin-1", people)

    def items() -> Iterator[pa.Table]:
        for table in read_tables(_file(folder, "u.item"), movies):
            columns = table.to_pydict()
            marks = zip(*(columns[genre] for genre in _GENRES_100K), strict=True)
            genres = [[genre for genre, mark in zip(_GENRES_100K, row, strict=True) if mark] for row in marks]
            years = [
                year_in(title) or _year_of_date(released)
                for title, released in zip(columns["title"], columns["released"], strict=True)
            ]
            yield _items(table, genres, years)

    return Version(
        "100K",
        lambda: read_tables(_file(folder, "u.data"), ratings),
        items,
        lambda: read_tables(_file(folder, "u.user"), users),
    )


def _year_of_date(date: str) -> int | None:
    """1995 of "01-Jan-1995"."""
    found = re.search(r"-(\d{4})$", date)
    return int(found.group(1)) if found else None


def _version_dat(folder: Path, times: bool) -> Version:
    has_users = (folder / "users.dat").exists()
    # 10M has half stars, UTF-8 and no users.
    encoding, stars = ("latin-1", _STARS) if has_users else ("utf-8", _HALF_STARS)
    ratings = Layout("::", encoding, (_USER, _ITEM, stars, _TIME))
    untimed = Layout(",", "utf-8", (_USER, _ITEM, stars), header=("userID", "movieID", "rating"))
    movies = Layout("::", encoding, (_ITEM, _TITLE, Field("genres", pa.string())))
    # Age is the lower end of a range, occupation a code.
    codes = (Field("age", pa.int64(), 0, 150), Field("occupation", pa.int64(), 0))
    users = Layout("::", encoding, (_USER, Field("gender", pa.string()), *codes, Field("zip", pa.string())))

    whole, parts = folder / "ratings.dat", sorted(folder.glob("ratings*.dat"))
    without = sorted(folder.glob("ratings_notime*.csv"))
    if whole.exists():
        files, layout = [whole], ratings
    elif without and not times:
        files, layout = without[:1], untimed
    elif parts:
        files, layout = parts, ratings
    else:
        hint = f"only {without[0].name}: import it by --no-times" if without else "none"
        raise InputError(f"folder {folder}", "ratings.dat, whole or in parts ratings*.dat", hint)
    return Version(
        "1M" if has_users else "10M",
        lambda: (table for file in files for table in read_tables(file, layout)),
        lambda: _joined_items(_file(folder, "movies.dat"), movies),
        (lambda: read_tables(_file(folder, "users.dat"), users)) if has_users else None,
    )


def _version_csv(folder: Path) -> Version:
    ratings = Layout(
        ",", "utf-8-sig", (_USER, _ITEM, _HALF_STARS, _TIME), header=("userId", "movieId", "rating", "timestamp")
    )
    movies = Layout(
        ",", "utf-8-sig", (_ITEM, _TITLE, Field("genres", pa.string())), header=("movieId", "title", "genres")
    )
    return Version(
        "CSV",
        lambda: read_tables(_file(folder, "ratings.csv"), ratings),
        lambda: _joined_items(_file(folder, "movies.csv"), movies),
        None,
    )


def _joined_items(path: Path, layout: Layout) -> Iterator[pa.Table]:
    """Items of a file whose genres are joined by "|" and whose years stand in the titles."""
    for table in read_tables(path, layout):
        titles, genres = table["title"].to_pylist(), table["genres"].to_pylist()
        yield _items(table, [genres_in(cell) for cell in genres], [year_in(title) for title in titles])


def _items(table: pa.Table, genres: list[list[str]], years: list[int | None]) -> pa.Table:
    return pa.table(
        {
            "item_id": table["item_id"],
            "title": table["title"],
            "genres": pa.array(genres, pa.list_(pa.string())),
            "year": pa.array(years, pa.int64()),
        }
    )


def _file(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.exists():
        raise InputError(f"folder {folder}", f"the file {name}", sorted(other.name for other in folder.iterdir()))
    return path
