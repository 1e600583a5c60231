"""What docs/schema.md says of the tags holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from modules.errors import InputError
from modules.roles import RESERVED_NAMES, Encoding, Part, Table, parse_roles, read_roles

REPOSITORY = Path(__file__).parents[1]
GUIDE = (REPOSITORY / "docs" / "schema.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```\n(.*?)```", GUIDE, flags=re.DOTALL)
IDS = BLOCKS[0]


def test_shortest_example_works() -> None:
    roles = parse_roles(BLOCKS[0])
    assert (roles.user_id, roles.item_id, roles.time, roles.target, roles.features()) == (
        "user_id", "item_id", None, None, (),
    )  # fmt: skip


def test_full_example_is_what_it_says() -> None:
    roles = parse_roles(BLOCKS[1])
    assert (roles.user_id, roles.item_id, roles.time, roles.target) == ("customer", "sku", "bought_at", "stars")
    assert roles.title == "name"
    assert [column.name for column in roles.features(Table.ITEM)] == ["name", "categories", "photo"]
    assert roles.column("categories").is_list
    note = roles.column("warehouse_note")
    assert (note.table, note.encoding) == (None, None)


def test_every_tag_is_explained() -> None:
    tags = ["list", "title", *(member.value for kind in (Part, Table, Encoding) for member in kind)]
    assert [tag for tag in (*tags, *RESERVED_NAMES) if f"`{tag}`" not in GUIDE] == []


@pytest.mark.parametrize(
    ("feature", "message"),
    [
        ('name: "x" type: BYTES annotation { tag: "categoric" }', "tags out of"),
        (
            'name: "x" type: INT annotation { tag: "time" } } '
            'feature { name: "y" type: INT annotation { tag: "time" }',
            "one time",
        ),
        ('name: "x" type: BYTES annotation { tag: "user" tag: "item" tag: "text" }', "one table at most"),
        ('name: "x" type: INT } feature { name: "x" type: INT', "each column once"),
        ('name: "x" type: BYTES annotation { tag: "categorical" }', "beside the encoding"),
        ('name: "x" type: BYTES annotation { tag: "item" }', "beside the table"),
        ('name: "x" type: BYTES annotation { tag: "item" tag: "list" }', "beside"),
        ('name: "x" type: FLOAT annotation { tag: "target" tag: "continuous" }', "without an encoding"),
        ('name: "x" type: BYTES annotation { tag: "user" tag: "title" tag: "text" }', "a title among"),
        ('name: "x" type: BYTES annotation { tag: "item" tag: "continuous" }', "type INT or FLOAT"),
        ('name: "x" type: INT annotation { tag: "item" tag: "text" }', "type BYTES"),
        ('name: "x" type: FLOAT annotation { tag: "item" tag: "categorical" }', "type BYTES or INT"),
        ('name: "x" type: BYTES annotation { tag: "target" }', "type INT or FLOAT"),
        ('name: "x" type: BYTES annotation { tag: "user" tag: "image" }', "single value of an item"),
        ('name: "x"', "type BYTES, INT or FLOAT"),
        ('name: "history" type: BYTES', "does not use itself"),
    ],
)  # fmt: skip
def test_what_the_guide_says_is_refused(feature: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        parse_roles(f"{IDS}feature {{ {feature} }}")
    assert "line 3" in str(caught.value)


def test_ids_may_carry_what_merlin_gives_them() -> None:
    both = IDS.replace('tag: "user_id"', 'tag: "user" tag: "categorical" tag: "user_id"')
    assert parse_roles(both).user_id == "user_id"


@pytest.mark.parametrize("path", sorted((REPOSITORY / "schema").glob("*.pbtxt")), ids=lambda path: path.stem)
def test_schemas_of_the_project_are_valid(path: Path) -> None:
    roles = read_roles(path)
    assert roles.title == "title"
    assert roles.target == "rating"
    assert (roles.time is None) == path.stem.endswith("notime")
