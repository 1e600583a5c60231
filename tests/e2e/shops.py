"""Small shops of each kind that a user may have."""

from __future__ import annotations

import dataclasses

import numpy as np

from tests.e2e.shop import GENRES, HOUR, START, Shop, feature, picture, settings, visits

BUYER, NEWCOMER = 900, 901  # of the database shop: one who took nearly everything, one who took nothing yet


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
