from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.movielens.__main__ import main
from datasets.movielens.importer import import_movielens
from modules.errors import InputError
from modules.roles import Part, read_roles

REPOSITORY = Path(__file__).parents[3]
REAL_DATA = Path(os.environ.get("RECSYS_DATA", REPOSITORY.parent / "shared" / "data"))


def put(folder: Path, files: dict[str, str], encoding: str = "latin-1") -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding=encoding, newline="")
    return folder


def flags(*genres: int) -> str:
    return "|".join("1" if index in genres else "0" for index in range(19))


def layout_100k(folder: Path) -> Path:
    return put(
        folder,
        {
            "u.data": "7\t1\t4\t900000000\n7\t2\t1\t900000001\n8\t1\t5\t900000002\n",
            # Flag 0 is "unknown", 1 is Action, 18 is Western.
            "u.item": f'1|Jetée "A" (1962)|01-Jan-1997||http://x|{flags(1, 18)}\n2|unknown||||{flags(0)}\n'
            f"3|No Year|05-Feb-1971||x|{flags(8)}\n",
            "u.user": "7|33|F|writer|01234\n8|61|M|none|K1A0B\n",
        },
    )


def layout_1m(folder: Path) -> Path:
    return put(
        folder,
        {
            "ratings.dat": "7::1::4::900000000\n8::1::5::900000002\n",
            "movies.dat": "1::Jetée (1962)::Drama|War\n2::Pier (1999)::Comedy\n",
            "users.dat": "7::F::25::10::01234\n8::M::56::0::99999\n",
        },
    )


def layout_csv(folder: Path) -> Path:
    return put(
        folder,
        {
            "ratings.csv": "userId,movieId,rating,timestamp\n7,1,4.5,900000000\n8,2,0.5,900000002\n",
            "movies.csv": 'movieId,title,genres\n1,"Jetée, La (1962)",Drama|War\n2,Pier,(no genres listed)\n',
            "links.csv": "movieId,imdbId,tmdbId\n1,2,3\n",
        },
        encoding="utf-8",
    )


def layout_10m(folder: Path) -> Path:
    return put(
        folder,
        {"ratings.dat": "7::1::4.5::900000000\n", "movies.dat": "1::Jetée (1962)::(no genres listed)\n"},
        encoding="utf-8",
    )


LAYOUTS = {"100k": layout_100k, "1m": layout_1m, "csv": layout_csv, "10m": layout_10m}


def read(folder: Path, table: str) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = pq.read_table(folder / f"{table}.parquet").to_pydict()
    return columns


def test_100k(tmp_path: Path) -> None:
    out = tmp_path / "out"
    rows = import_movielens(str(layout_100k(tmp_path / "in")), out)
    assert rows == {"interactions": 3, "items": 3, "users": 2}
    assert read(out, "interactions") == {
        "user_id": [7, 7, 8],
        "item_id": [1, 2, 1],
        "rating": [4.0, 1.0, 5.0],
        "timestamp": [900000000, 900000001, 900000002],
    }
    assert read(out, "items") == {
        "item_id": [1, 2, 3],
        "title": ['Jetée "A" (1962)', "unknown", "No Year"],
        "genres": [["Action", "Western"], [], ["Drama"]],
        "year": [1962, None, 1971],  # of the title before that of the date
    }
    assert read(out, "users") == {
        "user_id": [7, 8],
        "age": [33, 61],
        "gender": ["F", "M"],
        "occupation": ["writer", "none"],
        "zip": ["01234", "K1A0B"],
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]


def test_column_types(tmp_path: Path) -> None:
    import_movielens(str(layout_100k(tmp_path / "in")), tmp_path / "out")
    schemas = {table: pq.read_schema(tmp_path / "out" / f"{table}.parquet") for table in ("interactions", "items")}
    assert schemas["interactions"].types == [pa.int64(), pa.int64(), pa.float32(), pa.int64()]
    genres = schemas["items"].field("genres").type
    assert pa.types.is_list(genres)
    assert genres.value_type == pa.string()
    assert schemas["items"].field("year").type == pa.int64()


def test_1m(tmp_path: Path) -> None:
    out = tmp_path / "out"
    import_movielens(str(layout_1m(tmp_path / "in")), out)
    assert read(out, "interactions")["timestamp"] == [900000000, 900000002]
    assert read(out, "items") == {
        "item_id": [1, 2],
        "title": ["Jetée (1962)", "Pier (1999)"],
        "genres": [["Drama", "War"], ["Comedy"]],
        "year": [1962, 1999],
    }
    assert read(out, "users") == {
        "user_id": [7, 8],
        "gender": ["F", "M"],
        "age": [25, 56],
        "occupation": [10, 0],
        "zip": ["01234", "99999"],
    }


def test_csv(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert import_movielens(str(layout_csv(tmp_path / "in")), out) == {"interactions": 2, "items": 2}
    assert read(out, "interactions")["rating"] == [4.5, 0.5]
    assert read(out, "items") == {
        "item_id": [1, 2],
        "title": ["Jetée, La (1962)", "Pier"],
        "genres": [["Drama", "War"], []],
        "year": [1962, None],
    }


def test_10m_has_half_stars_and_no_users(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert import_movielens(str(layout_10m(tmp_path / "in")), out) == {"interactions": 1, "items": 1}
    assert read(out, "items")["title"] == ["Jetée (1962)"]


def test_rating_parts_are_read_in_order(tmp_path: Path) -> None:
    folder = layout_1m(tmp_path / "in")
    (folder / "ratings.dat").rename(folder / "ratings.users7-8.dat")
    put(folder, {"ratings.users9.dat": "9::2::3::900000009\n"})
    import_movielens(str(folder), tmp_path / "out")
    assert read(tmp_path / "out", "interactions")["user_id"] == [7, 8, 9]


def test_no_times_takes_the_whole_untimed_file_where_the_timed_one_is_in_parts(tmp_path: Path) -> None:
    folder = layout_1m(tmp_path / "in")
    (folder / "ratings.dat").rename(folder / "ratings.users7.dat")
    put(folder, {"ratings_notime_full.csv": "userID,movieID,rating\n7,1,4\n8,1,5\n9,2,1\n"})
    import_movielens(str(folder), tmp_path / "timed")
    assert read(tmp_path / "timed", "interactions")["user_id"] == [7, 8]
    import_movielens(str(folder), tmp_path / "untimed", times=False)
    assert read(tmp_path / "untimed", "interactions") == {
        "user_id": [7, 8, 9],
        "item_id": [1, 1, 2],
        "rating": [4.0, 5.0, 1.0],
    }


def test_untimed_file_alone_asks_for_the_flag(tmp_path: Path) -> None:
    folder = layout_1m(tmp_path / "in")
    (folder / "ratings.dat").rename(folder / "ratings_notime_full.csv")
    with pytest.raises(InputError, match="--no-times"):
        import_movielens(str(folder), tmp_path / "out")


def test_no_times_drops_the_column_of_a_whole_file(tmp_path: Path) -> None:
    import_movielens(str(layout_100k(tmp_path / "in")), tmp_path / "out", times=False)
    assert list(read(tmp_path / "out", "interactions")) == ["user_id", "item_id", "rating"]


@pytest.mark.parametrize("inner", ["", "ml-x/"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_zip_gives_the_same_as_the_folder(tmp_path: Path, layout: str, inner: str) -> None:
    folder = LAYOUTS[layout](tmp_path / "in")
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as packed:
        for file in folder.iterdir():
            packed.write(file, f"{inner}{file.name}")
    assert import_movielens(str(folder), tmp_path / "a") == import_movielens(str(tmp_path / "in.zip"), tmp_path / "b")
    for file in (tmp_path / "a").iterdir():
        assert pq.read_table(file).equals(pq.read_table(tmp_path / "b" / file.name))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "in", "in.zip"]


def test_folder_round_the_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "outer").mkdir()
    layout_csv(tmp_path / "outer" / "ml-x")
    assert import_movielens(str(tmp_path / "outer"), tmp_path / "out")["items"] == 2


def test_second_import_replaces_the_first(tmp_path: Path) -> None:
    import_movielens(str(layout_1m(tmp_path / "in1")), tmp_path / "out")
    import_movielens(str(layout_csv(tmp_path / "in2")), tmp_path / "out")
    # No users are left over from the first.
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["interactions.parquet", "items.parquet"]


@pytest.mark.parametrize(
    ("layout", "file", "text", "message"),
    [
        ("100k", "u.data", "7\t1\t4\t900000000\n7\t1\t4\n", "u.data, line 2: expected 4 fields, received 3"),
        ("100k", "u.data", "7\t1\t6\t900000000\n", "u.data, line 1: expected rating from 1 to 5, received 6"),
        ("100k", "u.item", "1|Only a title\n", "u.item, line 1: expected 24 fields, received 2"),
        ("100k", "u.user", "7|old|F|writer|01234\n", "u.user, line 1: expected age to be a number"),
        ("1m", "ratings.dat", "7::1::4::900000000000\n", "line 1: expected timestamp from 0 to 4102444800"),
        ("1m", "movies.dat", "1::Pier\n", "movies.dat, line 1: expected 3 fields, received 2"),
        ("csv", "ratings.csv", "userId,movieId\n7,1\n", "line 1: expected the header userId,movieId,rating,timestamp"),
        ("csv", "movies.csv", "movieId,title,genres\nx,Pier,Drama\n", "movies.csv, line 2: expected item_id to be"),
    ],
)
def test_bad_row_is_one_line_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], layout: str, file: str, text: str, message: str
) -> None:
    folder = LAYOUTS[layout](tmp_path / "in")
    put(folder, {file: text})
    assert main([str(folder), str(tmp_path / "out")]) == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert printed.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


@pytest.mark.parametrize(("layout", "missing"), [("100k", "u.item"), ("1m", "ratings.dat"), ("csv", "ratings.csv")])
def test_missing_file_is_named(tmp_path: Path, layout: str, missing: str) -> None:
    folder = LAYOUTS[layout](tmp_path / "in")
    (folder / missing).unlink()
    with pytest.raises(InputError, match=missing):
        import_movielens(str(folder), tmp_path / "out")


def test_other_sources_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"source nowhere: expected a folder, a zip or one of 100k, 1m"):
        import_movielens("nowhere", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"u\.data, movies\.dat or movies\.csv"):
        import_movielens(str(tmp_path / "empty"), tmp_path / "out")
    (tmp_path / "text.zip").write_text("not a zip")
    with pytest.raises(InputError, match="a zip that can be unpacked"):
        import_movielens(str(tmp_path / "text.zip"), tmp_path / "out")


def test_main_prints_the_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(layout_csv(tmp_path / "in")), str(tmp_path / "out"), "--no-times"]) == 0
    assert "2 interactions, 2 items" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("layout", "schema"), [("100k", "100k"), ("1m", "1m"), ("csv", "csv"), ("10m", "csv"), ("1m", "1m_notime")]
)
def test_schema_and_tables_name_the_same_columns(tmp_path: Path, layout: str, schema: str) -> None:
    import_movielens(str(LAYOUTS[layout](tmp_path / "in")), tmp_path / "out", times=not schema.endswith("notime"))
    roles = read_roles(REPOSITORY / "schema" / f"movielens_{schema}.pbtxt")
    columns = {name for path in (tmp_path / "out").iterdir() for name in pq.read_schema(path).names}
    assert columns == {column.name for column in roles.columns}
    assert roles.title == "title"
    assert roles.target == "rating"
    limits = roles.part(Part.TARGET)
    assert limits is not None
    assert (limits.minimum, limits.maximum) == (0.5 if schema == "csv" else 1, 5)


def real(name: str) -> str:
    folder = REAL_DATA / name
    if not folder.exists():
        pytest.skip(f"needs MovieLens in {REAL_DATA} (set RECSYS_DATA)")
    return str(folder)


@pytest.mark.parametrize(
    ("name", "times", "rows"),
    [
        ("ml-100k", True, {"interactions": 100_000, "items": 1_682, "users": 943}),
        ("ml-latest-small", True, {"interactions": 100_836, "items": 9_742}),
        ("ml-1m", False, {"interactions": 1_000_209, "items": 3_883, "users": 6_040}),
    ],
)
def test_real_data(tmp_path: Path, name: str, times: bool, rows: dict[str, int]) -> None:
    assert import_movielens(real(name), tmp_path / "out", times=times) == rows
    ratings = pq.read_table(tmp_path / "out" / "interactions.parquet")
    if name == "ml-latest-small":
        assert ratings["user_id"].combine_chunks().unique().to_pylist() == list(range(1, 611))
