"""Shops that hardly are any."""

from __future__ import annotations

from tests.e2e.shop import Shop, feature, settings, visits


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
