"""Makes a whole demo shop."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from datasets.demo_shop.assortment import draw_assortment
from datasets.demo_shop.database import write_database
from datasets.demo_shop.interactions import draw_interactions
from datasets.demo_shop.market import market_of
from datasets.demo_shop.people import draw_people
from datasets.demo_shop.tables import ORACLE_FILE, SHOP_FILE, interactions_table, items_table, users_table
from datasets.output_folder import output_folder
from datasets.parquet_file import write_parquet
from modules.errors import InputError

DEFAULT_ROWS = 60_000
_DEFAULT_USERS, _DEFAULT_ITEMS = 1_500, 800
_FEWEST_ROWS, _FEWEST_USERS, _FEWEST_ITEMS = 100, 50, 60
_SEED = 7

_TABLES = ("users", "items", "interactions")
FORMATS = ("sqlite", "parquet")
FILES = (SHOP_FILE, ORACLE_FILE, *(f"{name}.parquet" for name in _TABLES))


def make_demo_shop(out: Path, rows: int = DEFAULT_ROWS, *, seed: int = _SEED, file_format: str = "sqlite") -> None:
    """Writes a demo shop with `rows` interactions into the folder `out`, all of it or nothing.

    The same rows, seed and release of the project make the same shop. Users and items grow more slowly than rows.

    Args:
        out: gets `shop.db` (or users, items and interactions `.parquet`) and `oracle.npz`, which holds what
            `datasets.demo_shop.oracle` knows.
        rows: number of interactions, at least 100.
        seed: of all that is drawn.
        file_format: one of `FORMATS`.

    Raises:
        InputError: too few rows, an unknown format, or `out` cannot be written.
    """
    if rows < _FEWEST_ROWS:
        raise InputError("rows", f"at least {_FEWEST_ROWS} interactions", rows)
    if file_format not in FORMATS:
        raise InputError("format", f"one of {FORMATS}", file_format)
    growth = rows / DEFAULT_ROWS
    users = max(_FEWEST_USERS, round(_DEFAULT_USERS * growth**0.8))
    items = max(_FEWEST_ITEMS, round(_DEFAULT_ITEMS * growth**0.5))
    people, assortment = draw_people(users, seed), draw_assortment(items, seed)
    market = market_of(people, assortment)
    tables: dict[str, Iterable[pa.Table]] = {
        "users": [users_table(people)],
        "items": [items_table(assortment, seed)],
        "interactions": map(interactions_table, draw_interactions(rows, people, assortment, market, seed)),
    }
    with output_folder(out, FILES) as draft:
        market.save(draft / ORACLE_FILE)
        if file_format == "sqlite":
            write_database(draft / SHOP_FILE, tables)
        else:
            for name, parts in tables.items():
                write_parquet(draft / f"{name}.parquet", parts)


def ensure_demo_shop(folder: Path) -> Path:
    """The database of the demo shop in `folder`, which is made first if it is not there.

    Raises:
        InputError: `folder` holds something else, or cannot be written.
    """
    database = folder / SHOP_FILE
    if not database.exists():
        make_demo_shop(folder)
    return database
