"""Tables and a schema for the tests of sources."""

from __future__ import annotations

from typing import Any

import pytest

from modules.roles import Roles, parse_roles

# A column of each part that the small shop has; `note` has no tags, so it may be in any table.
_SCHEMA = """
feature { name: "user_id" type: INT annotation { tag: "user_id" } }
feature { name: "item_id" type: INT annotation { tag: "item_id" } }
feature { name: "time" type: INT annotation { tag: "time" } }
feature { name: "rating" type: FLOAT annotation { tag: "target" } float_domain { min: 1 max: 5 } }
feature { name: "device" type: BYTES annotation { tag: "context" tag: "categorical" } }
feature { name: "title" type: BYTES annotation { tag: "item" tag: "text" tag: "title" } }
feature { name: "price" type: FLOAT annotation { tag: "item" tag: "continuous" } }
feature { name: "genres" type: BYTES annotation { tag: "item" tag: "categorical" tag: "list" } }
feature { name: "age" type: INT annotation { tag: "user" tag: "continuous" } }
feature { name: "note" type: BYTES }
"""
INTERACTIONS: list[dict[str, Any]] = [
    {"user_id": 1, "item_id": 10, "time": 100, "rating": 4.0, "device": "phone", "note": "a"},
    {"user_id": 2, "item_id": 10, "time": 200, "rating": 5.0, "device": "desk", "note": "b"},
    {"user_id": 2, "item_id": 11, "time": 300, "rating": 1.0, "device": None, "note": "c"},
]
ITEMS: list[dict[str, Any]] = [
    {"item_id": 10, "title": "Tea", "price": 2.5, "genres": "drink|hot"},
    {"item_id": 11, "title": "Café", "price": None, "genres": ""},
]
USERS: list[dict[str, Any]] = [{"user_id": 1, "age": 30}, {"user_id": 2, "age": None}]


@pytest.fixture
def roles() -> Roles:
    """The schema of the small shop."""
    return parse_roles(_SCHEMA)


@pytest.fixture
def shop() -> dict[str, list[dict[str, Any]]]:
    """Rows of the small shop's three tables, to be changed as a test likes."""
    return {"interactions": [*INTERACTIONS], "items": [*ITEMS], "users": [*USERS]}
