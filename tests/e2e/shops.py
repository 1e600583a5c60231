"""Small shops of each kind that a user may have: their tables, schemas and settings."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image

Row = dict[str, Any]
START = 1_700_000_000  # seconds since the epoch: the first interaction
HOUR = 3600
BUYER, NEWCOMER = 900, 901  # of the database shop: one who took nearly everything, one who took nothing yet
GENRES = ("tea", "tools", "books", "games")

SETTINGS = """
seed = 7
[retrieval]
epochs = 2
dimension = 8
[ranking]
epochs = 1
dimension = 8
hidden = [16]
[evaluation]
relative_drop_max = 1.0
relative_rmse_rise_max = 100.0
[gate]
popularity_ratio_min = 0.0
final_over_retrieval_min = 0.0
"""


@dataclasses.dataclass(frozen=True)
class Shop:
    """A data set and how to run it.

    Attributes:
        schema: annotated, as text.
        settings: TOML.
        interactions, items, users: rows; no users table where it is None.
        files: further files beside the tables, by relative path.
    """

    schema: str
    settings: str
    interactions: Sequence[Row]
    items: Sequence[Row]
    users: Sequence[Row] | None = None
    files: Mapping[str, bytes] = dataclasses.field(default_factory=dict)

    def tables(self) -> dict[str, Sequence[Row]]:
        """The tables that there are, by name."""
        return {"interactions": self.interactions, "items": self.items} | ({"users": self.users} if self.users else {})


def feature(name: str, kind: str, *tags: str) -> str:
    """A line of a schema."""
    annotation = f"annotation {{ {' '.join(f'tag: {tag!r}' for tag in tags)} }} " if tags else ""
    return f'feature {{ name: "{name}" type: {kind} {annotation}}}\n'


def settings(serving: str = "", **sections: str) -> str:
    """`SETTINGS` with lines added to sections."""
    text = SETTINGS
    for section, lines in ({"serving": serving} | sections).items():
        head = f"[{section}]\n"
        text = text.replace(head, head + lines + "\n") if head in text else f"{text}{head}{lines}\n"
    return text


def picture(number: int) -> bytes:
    """A small PNG whose colour tells items apart."""
    image = Image.new("RGB", (8, 8), (number * 37 % 256, number * 91 % 256, number * 53 % 256))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def visits(users: int, items: int, least: int, most: int, seed: int) -> list[tuple[int, int, int]]:
    """(user, item, time), in order of time: each user takes `least` to `most` items, mostly of one group, one twice.

    Item 0 is never taken.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(users):
        weights = (
            np.where(np.arange(items) % len(GENRES) == user % len(GENRES), 8.0, 1.0) / (1 + np.arange(items)) ** 0.3
        )
        weights[0] = 0
        size = int(rng.integers(least, most + 1))
        taken = rng.choice(items, size, replace=False, p=weights / weights.sum()).tolist()
        rows += [(user, int(item), 0) for item in [*taken, taken[0]]]
    times = START + HOUR * np.arange(len(rows))
    order = rng.permutation(len(rows))
    return [(*rows[old][:2], int(time)) for old, time in zip(order, times, strict=True)]


def database_shop(users: int = 40) -> Shop:
    """Integer ids, times, a target, context, a users table with gaps, `|` lists, pictures: for SQL."""
    schema = (
        feature("customer", "INT", "user_id")
        + feature("sku", "INT", "item_id")
        + feature("at", "INT", "time")
        + feature("stars", "FLOAT", "target")
        + feature("device", "BYTES", "context", "categorical")
        + feature("age", "INT", "user", "continuous")
        + feature("region", "BYTES", "user", "categorical")
        + feature("name", "BYTES", "item", "title", "text")
        + feature("genres", "BYTES", "item", "categorical", "list")
        + feature("price", "FLOAT", "item", "continuous")
        + feature("photo", "BYTES", "item", "image")
        + feature("note", "BYTES")
    )
    items = [
        {
            "sku": 100 + n,
            "name": f"{GENRES[n % 4].title()} number {n}",
            "genres": "|".join([GENRES[n % 4]] + (["new"] if n % 3 == 0 else [])),
            "price": None if n % 7 == 3 else 1.5 * n,
            "photo": picture(n),
            "note": f"shelf {n}",
        }
        for n in range(30)
    ]
    interactions = [
        {
            "customer": user,
            "sku": 100 + item,
            "at": at,
            "stars": 5.0 if item % 4 == user % 4 else 2.0,
            "device": ("phone", "desktop")[(user + at // HOUR) % 2],
        }
        for user, item, at in [*_nearly_everything(BUYER, 30), *visits(users, 30, 6, 12, seed=1)]
    ]
    people = [
        {"customer": n, "age": None if n % 5 == 2 else 20 + n % 60, "region": None if n % 9 == 4 else "NESW"[n % 4]}
        for n in [*range(users), BUYER, NEWCOMER]
    ]
    return Shop(schema, settings(data="history_length = 5"), interactions, items, people)


def database_shop_later() -> Shop:
    """`database_shop` after some days: the same rows, and new ones of old and new users."""
    before = database_shop()
    last = before.interactions[-1]["at"]
    more = [
        {"customer": user, "sku": 100 + item, "at": last + at - START + HOUR, "stars": 4.0, "device": "phone"}
        for user, item, at in visits(50, 30, 1, 4, seed=11)
    ]
    assert before.users
    new = [{"customer": n, "age": 30, "region": "N"} for n in range(40, 50)]
    return dataclasses.replace(before, interactions=[*before.interactions, *more], users=[*before.users, *new])


def _nearly_everything(user: int, items: int) -> list[tuple[int, int, int]]:
    """A user who took all items but 0 and 7, before all others."""
    taken = [item for item in range(items) if item not in (0, 7)]
    return [(user, item, START - HOUR * (len(taken) - place)) for place, item in enumerate(taken)]


def parquet_shop() -> Shop:
    """Text ids, events with weights, no target, Parquet lists, pictures by path, its own train, eval and test."""
    schema = (
        feature("who", "BYTES", "user_id")
        + feature("what", "BYTES", "item_id")
        + feature("when", "INT", "time")
        + feature("action", "BYTES", "event")
        + feature("part", "BYTES", "split")
        + feature("hour", "INT", "context", "continuous")
        + feature("places", "BYTES", "user", "categorical", "list")
        + feature("labels", "BYTES", "item", "categorical", "list")
        + feature("sizes", "FLOAT", "item", "continuous", "list")
        + feature("words", "BYTES", "item", "text", "list")
        + feature("cover", "BYTES", "item", "image")
    )
    items = [
        {
            "what": f"item {n} ü",
            "labels": [GENRES[n % 4], "all"] if n % 5 else [],
            "sizes": [float(n), float(n % 3)],
            "words": [f"word{n % 6}", "and more"],
            "cover": f"covers/{n}.png" if n % 6 else None,
        }
        for n in range(24)
    ]
    rows = visits(30, 24, 8, 12, seed=2)
    interactions = []
    for number, (user, item, at) in enumerate(rows):
        share = number / len(rows)
        interactions.append(
            {
                "who": f"user {user}",
                "what": f"item {item} ü",
                "when": np.datetime64(at, "s"),
                "action": ("buy", "look", "look", "shown")[number % 4],
                "part": "train" if share < 0.6 else "eval" if share < 0.8 else "test",
                "hour": at // HOUR % 24,
            }
        )
    people = [{"who": f"user {n}", "places": ["home", "work"][: n % 3]} for n in range(30)]
    files = {f"covers/{n}.png": picture(n) for n in range(24) if n % 6}
    weights = "event_weights = { buy = 3.0, look = 1.0, shown = 0.0 }"
    text = settings('history_until = "eval"', data=weights, evaluation="slices = []")
    return Shop(schema, text, interactions, items, people, files)


def csv_shop() -> Shop:
    """Text ids, a target with a threshold, neither times nor users, and a split column without eval rows."""
    schema = (
        feature("reader", "BYTES", "user_id")
        + feature("book", "BYTES", "item_id")
        + feature("grade", "INT", "target")
        + feature("fold", "BYTES", "split")
        + feature("title", "BYTES", "item", "title")
        + feature("shelves", "BYTES", "item", "categorical", "list")
    )
    items = [{"book": f"b{n}", "title": f"Book {n}", "shelves": "|".join(GENRES[: n % 4])} for n in range(20)]
    interactions = [
        {
            "reader": f"r{user}",
            "book": f"b{item}",
            "grade": 1 + (user + item) % 5,
            "fold": "test" if number % 5 == 0 else "train",
        }
        for number, (user, item, _) in enumerate(visits(30, 20, 6, 10, seed=3))
    ]
    text = settings('history_until = "train"', data="positive_min = 3")
    return Shop(schema, text, interactions, items)


def bare_shop() -> Shop:
    """Who and what, and nothing else."""
    schema = feature("u", "INT", "user_id") + feature("i", "INT", "item_id")
    interactions = [{"u": user, "i": item} for user, item, _ in visits(30, 15, 5, 8, seed=4)]
    return Shop(schema, settings(), interactions, [{"i": n} for n in range(15)])


def least_shop() -> Shop:
    """Two users, three items, and one interaction each: one to learn from and one to measure with."""
    schema = feature("u", "BYTES", "user_id") + feature("i", "BYTES", "item_id") + feature("s", "BYTES", "split")
    interactions = [{"u": "a", "i": "x", "s": "train"}, {"u": "b", "i": "y", "s": "eval"}]
    text = settings(retrieval="batch_size = 7", ranking="batch_size = 1")
    return Shop(schema, text, interactions, [{"i": name} for name in "xyz"])


def dull_shop() -> Shop:
    """Eight items that hardly differ: columns with one value or none, one without a title; only new users in test."""
    schema = (
        feature("u", "INT", "user_id")
        + feature("i", "INT", "item_id")
        + feature("stars", "FLOAT", "target")
        + feature("s", "BYTES", "split")
        + feature("title", "BYTES", "item", "title", "text")
        + feature("weight", "FLOAT", "item", "continuous")
        + feature("brand", "BYTES", "item", "categorical")
        + feature("colour", "BYTES", "item", "categorical")
        + feature("size", "FLOAT", "item", "continuous")
        + feature("tags", "BYTES", "item", "categorical", "list")
        + feature("age", "INT", "user", "continuous")
        + feature("city", "BYTES", "user", "categorical")
    )
    nothing = {"colour": None, "size": None, "tags": None}
    items = [{"i": n, "title": None if n == 3 else f"T{n}", "weight": 1.0, "brand": "one", **nothing} for n in range(8)]
    interactions = [
        {"u": user, "i": item, "stars": 3.0, "s": "test" if user >= 9 else ("train", "train", "eval")[number % 3]}
        for number, (user, item, _) in enumerate(visits(12, 8, 2, 4, seed=5))
    ]
    people = [{"u": n, "age": None, "city": None} for n in range(12)]
    text = settings(retrieval="batch_size = 1", ranking="batch_size = 7")
    return Shop(schema, text, interactions, items, people)


def unmeasurable_shop() -> Shop:
    """Nobody takes anything in eval: its rows are impressions."""
    schema = (
        feature("u", "INT", "user_id")
        + feature("i", "INT", "item_id")
        + feature("s", "BYTES", "split")
        + feature("e", "BYTES", "event")
    )
    interactions = [
        {"u": user, "i": item, "s": "eval" if number % 4 == 0 else "train", "e": "shown" if number % 4 == 0 else "buy"}
        for number, (user, item, _) in enumerate(visits(10, 8, 3, 5, seed=6))
    ]
    return Shop(
        schema, settings(data="event_weights = { shown = 0.0, buy = 1.0 }"), interactions, [{"i": n} for n in range(8)]
    )
