"""The demo shop's columns as Arrow tables, and the names that its files and ids have."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datasets.demo_shop.assortment import Assortment
from datasets.demo_shop.interactions import Interactions
from datasets.demo_shop.labels import describe
from datasets.demo_shop.people import People
from datasets.demo_shop.thumbnails import draw_thumbnails
from datasets.demo_shop.words import BRANDS, CATEGORIES, DEVICES, GENDERS, REGIONS

SHOP_FILE = "shop.db"
ORACLE_FILE = "oracle.npz"


def user_name(index: int) -> str:
    """Id of the user with this index, such as "u000012"."""
    return f"u{index:06d}"


def item_name(index: int) -> str:
    """Id of the item with this index, such as "i00012"."""
    return f"i{index:05d}"


def index_of(name: str) -> int:
    """The index in the id of a user or an item."""
    return int(name[1:])


def users_table(people: People) -> pa.Table:
    """user_id, gender, region string; age, joined int64."""
    return pa.table(
        {
            "user_id": [user_name(index) for index in range(len(people.age))],
            "age": people.age,
            "gender": _words(GENDERS, people.gender),
            "region": _words(REGIONS, people.region),
            "joined": people.joined,
        }
    )


def items_table(assortment: Assortment, seed: int) -> pa.Table:
    """item_id, title, description, brand string; categories list<string>; price float64; released int64; thumbnail."""
    titles, descriptions = describe(assortment, seed)
    return pa.table(
        {
            "item_id": [item_name(index) for index in range(len(assortment.price))],
            "title": titles,
            "description": descriptions,
            "categories": [[CATEGORIES[i].department, CATEGORIES[i].name] for i in assortment.category],
            "brand": _words(BRANDS, assortment.brand),
            "price": assortment.price,
            "released": assortment.released,
            "thumbnail": pa.array(draw_thumbnails(assortment, seed), pa.binary()),
        }
    )


def interactions_table(interactions: Interactions) -> pa.Table:
    """user_id, item_id, device string; rating float64; timestamp int64."""
    return pa.table(
        {
            "user_id": [user_name(index) for index in interactions.user],
            "item_id": [item_name(index) for index in interactions.item],
            "rating": interactions.rating.astype(np.float64),
            "device": _words(DEVICES, interactions.device),
            "timestamp": interactions.timestamp,
        }
    )


def _words(words: tuple[str, ...], indices: npt.NDArray[np.int64]) -> pa.Array:
    return pa.array(np.array(words, dtype=object)[indices], pa.string())
