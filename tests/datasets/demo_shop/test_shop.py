from __future__ import annotations

import contextlib
import io
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from datasets.demo_shop.__main__ import main
from datasets.demo_shop.assortment import draw_assortment
from datasets.demo_shop.calendar import END, START
from datasets.demo_shop.interactions import draw_interactions
from datasets.demo_shop.market import market_of
from datasets.demo_shop.people import draw_people
from datasets.demo_shop.shop import ensure_demo_shop, make_demo_shop
from modules.errors import InputError
from modules.roles import read_roles

REPOSITORY = Path(__file__).parents[3]
ROWS = 5_000


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "shop"
    make_demo_shop(folder, ROWS)
    return folder


def ask(shop: Path, query: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(shop / "shop.db")) as connection:
        return connection.execute(query).fetchall()


def everything(shop: Path) -> list[list[tuple[Any, ...]]]:
    return [ask(shop, f"SELECT * FROM {table}") for table in ("users", "items", "interactions")]


def test_the_same_seed_makes_the_same_rows(shop: Path, tmp_path: Path) -> None:
    make_demo_shop(tmp_path / "again", ROWS)
    assert everything(tmp_path / "again") == everything(shop)
    assert (tmp_path / "again" / "oracle.npz").exists()


def test_another_seed_makes_other_rows(shop: Path, tmp_path: Path) -> None:
    make_demo_shop(tmp_path / "other", ROWS, seed=8)
    assert everything(tmp_path / "other")[2] != everything(shop)[2]


def test_as_many_rows_as_asked_for(shop: Path) -> None:
    assert ask(shop, "SELECT COUNT(*) FROM interactions") == [(ROWS,)]


@pytest.mark.parametrize("rows", [100, 101, 700, 2_000])
def test_few_rows_work_too(tmp_path: Path, rows: int) -> None:
    make_demo_shop(tmp_path / "shop", rows)
    assert ask(tmp_path / "shop", "SELECT COUNT(*) FROM interactions") == [(rows,)]


def test_nobody_takes_an_item_twice(shop: Path) -> None:
    assert ask(shop, "SELECT COUNT(DISTINCT user_id || ' ' || item_id) FROM interactions") == [(ROWS,)]


def test_nothing_happens_before_release_or_joining(shop: Path) -> None:
    early = (
        "SELECT COUNT(*) FROM interactions JOIN items USING (item_id) JOIN users USING (user_id) "
        "WHERE timestamp <= released OR timestamp <= joined"
    )
    assert ask(shop, early) == [(0,)]


def test_all_within_the_calendar_and_in_order(shop: Path) -> None:
    ((first, last),) = ask(shop, "SELECT MIN(timestamp), MAX(timestamp) FROM interactions")
    assert START < first < last <= END
    assert ask(shop, "SELECT user_id FROM interactions GROUP BY user_id, timestamp HAVING COUNT(*) > 1") == []


def test_new_users_and_new_items_come_and_are_used(shop: Path) -> None:
    ((users,),) = ask(
        shop, f"SELECT COUNT(DISTINCT user_id) FROM interactions JOIN users USING (user_id) WHERE joined >= {START}"
    )
    ((items,),) = ask(
        shop, f"SELECT COUNT(DISTINCT item_id) FROM interactions JOIN items USING (item_id) WHERE released >= {START}"
    )
    assert users > 20
    assert items > 20


def test_popularity_has_a_long_tail(shop: Path) -> None:
    counts = [count for (count,) in ask(shop, "SELECT COUNT(*) n FROM interactions GROUP BY item_id ORDER BY n DESC")]
    tenth = len(counts) // 10
    assert sum(counts[:tenth]) > 0.25 * ROWS
    assert sum(counts[-5 * tenth :]) < 0.3 * ROWS


def test_ratings_are_whole_stars_and_follow_the_taste(shop: Path) -> None:
    ratings = dict(ask(shop, "SELECT rating, COUNT(*) FROM interactions GROUP BY rating"))
    assert set(ratings) == {1.0, 2.0, 3.0, 4.0, 5.0}
    people, assortment = draw_people(300, 3), draw_assortment(200, 3)
    (rows,) = draw_interactions(4_000, people, assortment, market_of(people, assortment), 3)
    fit = np.einsum("nd,nd->n", people.taste[rows.user], assortment.place[rows.item])
    assert np.corrcoef(fit, rows.rating)[0, 1] > 0.3


def test_the_young_use_phones(shop: Path) -> None:
    query = "SELECT AVG(device = 'phone') FROM interactions JOIN users USING (user_id) WHERE age {}"
    assert ask(shop, query.format("< 30"))[0][0] > ask(shop, query.format("> 50"))[0][0] + 0.1


def test_blocks_of_users_do_not_change_what_is_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasets.demo_shop.interactions._BLOCK_CELLS", 1_000)
    people, assortment = draw_people(60, 1), draw_assortment(100, 1)
    blocks = list(draw_interactions(900, people, assortment, market_of(people, assortment), 1))
    assert len(blocks) == 6  # of ten users each
    user, item = (np.concatenate([getattr(block, name) for block in blocks]) for name in ("user", "item"))
    assert len(user) == 900
    assert np.all(np.diff(user) >= 0)
    assert len(np.unique(user * 100 + item)) == 900


def test_thumbnails_are_small_pictures_coloured_by_category(shop: Path) -> None:
    rows = ask(shop, "SELECT categories, thumbnail FROM items")
    colours: dict[str, list[Any]] = {}
    for categories, thumbnail in rows:
        picture = Image.open(io.BytesIO(thumbnail))
        assert (picture.format, picture.size, picture.mode) == ("PNG", (16, 16), "RGB")
        pixels = np.asarray(picture, np.float64).mean(axis=(0, 1))
        colours.setdefault(categories, []).append(pixels / pixels.sum())
    within = np.mean([np.std(np.stack(group), axis=0).mean() for group in colours.values() if len(group) > 1])
    between = np.std([np.mean(group, axis=0) for group in colours.values()], axis=0).mean()
    assert between > 3 * within


def test_descriptions_give_the_category_away(shop: Path) -> None:
    rows = ask(shop, "SELECT description FROM items WHERE categories = 'Kitchen|Coffee'")
    assert rows
    assert all(any(word in text for word in ("espresso", "roast", "crema", "barista")) for (text,) in rows)


def test_schema_names_the_columns_of_the_tables(shop: Path) -> None:
    tables = ("users", "items", "interactions")
    columns = {row[1] for table in tables for row in ask(shop, f"PRAGMA table_info({table})")}
    assert columns == {column.name for column in read_roles(REPOSITORY / "schema" / "demo_shop.pbtxt").columns}


def test_database_has_keys_and_an_index_on_time(shop: Path) -> None:
    keys = {
        table: [row[1] for row in ask(shop, f"PRAGMA table_info({table})") if row[5]]
        for table in ("users", "items", "interactions")
    }
    assert keys == {"users": ["user_id"], "items": ["item_id"], "interactions": ["user_id", "item_id"]}
    assert ("timestamp",) in ask(shop, "SELECT name FROM pragma_index_info('interactions_by_time')")
    assert ask(shop, "PRAGMA foreign_key_check") == []
    assert ask(shop, "PRAGMA integrity_check") == [("ok",)]


def test_parquet_holds_the_same_as_the_database(shop: Path, tmp_path: Path) -> None:
    make_demo_shop(tmp_path / "p", ROWS, file_format="parquet")
    names = [path.name for path in sorted((tmp_path / "p").iterdir())]
    assert names == ["interactions.parquet", "items.parquet", "oracle.npz", "users.parquet"]
    for table in ("users", "interactions"):
        rows = pq.read_table(tmp_path / "p" / f"{table}.parquet").to_pydict()
        assert list(zip(*rows.values(), strict=True)) == ask(shop, f"SELECT * FROM {table} ORDER BY rowid")
    categories = pq.read_table(tmp_path / "p" / "items.parquet")["categories"].to_pylist()
    assert ["|".join(cell) for cell in categories] == [
        text for (text,) in ask(shop, "SELECT categories FROM items ORDER BY rowid")
    ]


def test_ensure_makes_the_shop_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def make(folder: Path) -> None:
        made.append(folder)
        make_demo_shop(folder, 100)

    monkeypatch.setattr("datasets.demo_shop.shop.make_demo_shop", make)
    assert ensure_demo_shop(tmp_path / "shop") == tmp_path / "shop" / "shop.db"
    assert ensure_demo_shop(tmp_path / "shop").exists()
    assert made == [tmp_path / "shop"]


def test_bad_arguments_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path / "shop"), "--rows", "5"]) == 2
    assert capsys.readouterr().err == "error: rows: expected at least 100 interactions, received 5\n"
    assert not (tmp_path / "shop").exists()
    with pytest.raises(InputError, match="format: expected one of"):
        make_demo_shop(tmp_path / "shop", file_format="xml")


def test_main_prints_what_can_be_reached(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path / "shop"), "--rows", "1000"]) == 0
    printed = capsys.readouterr().out
    assert "1,000 interactions" in printed
    assert "ndcg_at_10:" in printed
    assert "by popularity" in printed
