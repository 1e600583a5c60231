"""The annotated schema: what is read from it, and what is refused with which line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.errors import InputError
from modules.roles import Column, Encoding, Part, Table, parse_roles, read_roles

_IDS = (
    'feature { name: "user" type: INT annotation { tag: "user_id" } }\n'
    'feature { name: "item" type: BYTES annotation { tag: "item_id" } }\n'
)
_WHOLE = """
feature { name: "user" type: INT annotation { tag: "user_id" tag: "user" tag: "categorical" } }
feature { name: "item" type: INT annotation { tag: "item_id" } presence { min_fraction: 1.0 } }
feature { name: "at" type: BYTES annotation { tag: "time" } }
feature { name: "stars" type: INT annotation { tag: "target" } int_domain { min: 1 max: 5 } }
feature { name: "fold" type: BYTES annotation { tag: "split" } }
feature { name: "kind" type: INT annotation { tag: "event" } }
feature { name: "age" type: INT annotation { tag: "user" tag: "continuous" } int_domain { min: 0 } }
feature { name: "name" type: BYTES annotation { tag: "title" } }
feature { name: "genres" type: BYTES annotation { tag: "item" tag: "categorical" tag: "list" } }
feature { name: "cover" type: BYTES annotation { tag: "item" tag: "image" } }
feature { name: "price" type: FLOAT annotation { tag: "item" tag: "continuous" } float_domain { max: 9.5 } }
feature { name: "device" type: BYTES annotation { tag: "context" tag: "text" } }
feature { name: "note" type: BYTES }
"""


def test_everything_that_a_schema_may_say() -> None:
    roles = parse_roles(_WHOLE)
    assert roles.columns == (
        # Ids and kinds are text in examples, times seconds, targets floats, whatever they are in the tables.
        Column("user", "bytes", Part.USER_ID),
        Column("item", "bytes", Part.ITEM_ID, required=True),
        Column("at", "int", Part.TIME),
        Column("stars", "float", Part.TARGET, minimum=1.0, maximum=5.0),
        Column("fold", "bytes", Part.SPLIT),
        Column("kind", "bytes", Part.EVENT),
        Column("age", "int", None, Table.USER, Encoding.CONTINUOUS, minimum=0.0),
        Column("name", "bytes", None, Table.ITEM),
        Column("genres", "bytes", None, Table.ITEM, Encoding.CATEGORICAL, is_list=True),
        Column("cover", "bytes", None, Table.ITEM, Encoding.IMAGE),
        Column("price", "float", None, Table.ITEM, Encoding.CONTINUOUS, maximum=9.5),
        Column("device", "bytes", None, Table.CONTEXT, Encoding.TEXT),
        Column("note", "bytes"),
    )
    assert roles.title == "name"
    names = (roles.user_id, roles.item_id, roles.time, roles.target, roles.split, roles.event)
    assert names == ("user", "item", "at", "stars", "fold", "kind")
    assert [c.name for c in roles.features()] == ["age", "genres", "cover", "price", "device"]
    assert [c.name for c in roles.features(Table.USER, Table.CONTEXT)] == ["age", "device"]
    assert roles.column("note").name == "note" and roles.part(Part.TIME) == roles.column("at")
    with pytest.raises(KeyError, match="nothing"):
        roles.column("nothing")


def test_ids_alone_are_enough() -> None:
    roles = parse_roles(_IDS)
    assert (roles.user_id, roles.item_id, roles.title) == ("user", "item", None)
    assert (roles.time, roles.target, roles.split, roles.event, roles.features()) == (None, None, None, None, ())


def test_a_title_may_be_a_feature_too() -> None:
    roles = parse_roles(_IDS + 'feature { name: "t" type: BYTES annotation { tag: "item" tag: "title" tag: "text" } }')
    assert roles.title == "t" and roles.column("t").encoding is Encoding.TEXT


def test_a_release_may_be_a_feature_too() -> None:
    bare = 'feature { name: "r" type: INT annotation { tag: "released" } }'
    for feature, encoding in ((bare, None), (bare.replace("tag:", 'tag: "item" tag: "continuous" tag:'), "continuous")):
        roles = parse_roles(_IDS + feature)
        column = roles.column("r")
        assert roles.released == "r" and roles.title is None and column.table is Table.ITEM
        assert (column.encoding and column.encoding.value) == encoding
    assert parse_roles(_IDS).released is None


# Every one of these follows the two ids, so its first line is the third.
@pytest.mark.parametrize(
    ("feature", "line", "message"),
    [
        ('name: "a" type: INT\nannotation {\ntag: "categoric" }', 5, r'tags out of \[.*received "categoric" on "a"'),
        ('name: "a" type: BYTES annotation { tag: "time"\ntag: "split" }', 4, 'one part at most, .*"time" and "split"'),
        ('name: "a" type: INT annotation { tag: "user"\ntag: "item" tag: "text" }', 4, 'one table at most, .*"item"'),
        (
            'name: "a" type: BYTES annotation {\ntag: "user"\ntag: "text"\ntag: "image" }',
            6,
            'one encoding at most, received "text" and "image" on "a"',
        ),
        ('type: INT\nname: "user"', 4, 'each column once, received a second feature "user"'),
        ('name: "a" type: INT annotation {\ntag: "user_id" }', 4, 'one user_id column, received "user" and "a"'),
        ('type: BYTES\n\nname: "history"', 5, 'a name the pipeline does not use .* received "history"'),
        ('type: BYTES\nname: "interaction_weight"', 4, "as it does history, history_target, interaction_w"),
        ("type: BYTES", 3, 'a name the pipeline does not use .* received ""'),
        ('name: "a"', 3, 'type BYTES, INT or FLOAT, received none of them on "a"'),
        # The domain's name is not the feature's.
        ('name: "a"\nstring_domain { name: "a" value: "x" }', 3, "type BYTES, INT or FLOAT"),
        ('name: "a" type: STRUCT', 3, "type BYTES, INT or FLOAT"),
        ('name: "a" type: BYTES annotation {\ntag: "released" }', 4, "a release of type INT, in seconds, not a list"),
        ('name: "a" type: INT annotation { tag: "user"\ntag: "released" }', 4, 'a release among .* "item" table'),
        (
            'name: "a" type: INT annotation { tag: "item" tag: "categorical"\ntag: "released" }',
            4,
            "not a list nor categorical",
        ),
        (
            'name: "a" type: INT annotation { tag: "released" } }\nfeature { name: "b" type: INT annotation {\n'
            'tag: "released" }',
            5,
            'one released column, received "a" and "b"',
        ),
        ('name: "a" type: INT annotation { tag: "time"\ntag: "released" }', 3, '"time" without a list, title'),
        ('name: "a" type: INT annotation {\ntag: "list" }', 4, 'an encoding beside "list"'),
        ('name: "a" type: INT annotation { tag: "item"\ntag: "list" }', 3, "an encoding .* beside the table"),
        ('name: "a" type: INT annotation {\ntag: "user" }', 4, "an encoding .* beside the table"),
        ('name: "a" type: INT annotation {\ntag: "continuous" }', 4, 'one of "user", "item", "context" beside'),
        (
            'name: "a" type: BYTES annotation { tag: "item"\ntag: "continuous" }',
            4,
            "type INT or FLOAT for a cont",
        ),
        ('name: "a" type: FLOAT annotation { tag: "item"\ntag: "categorical" }', 4, "type BYTES or INT for a categ"),
        ('name: "a" type: INT annotation { tag: "item"\ntag: "text" }', 4, "type BYTES for a column of text"),
        ('name: "a" type: INT annotation { tag: "item"\ntag: "image" }', 4, "type BYTES for a column of image"),
        ('name: "a" type: BYTES annotation { tag: "user"\ntag: "image" }', 4, "a single value of an item"),
        ('name: "a" type: BYTES annotation { tag: "item"\ntag: "image" tag: "list" }', 4, "a single value of an item"),
        ('name: "a" type: BYTES annotation { tag: "user" tag: "text"\ntag: "title" }', 4, 'a title among .* "item"'),
        ('name: "a" type: INT annotation {\ntag: "title" }', 4, "a title of type BYTES that is no image"),
        ('name: "a" type: BYTES annotation { tag: "item" tag: "image"\ntag: "title" }', 4, "that is no image"),
        ('name: "a" type: FLOAT annotation {\ntag: "event" }', 4, 'type BYTES or INT for "event"'),
        ('name: "a" type: BYTES annotation {\ntag: "target" }', 4, 'type INT or FLOAT for "target"'),
        ('name: "a" type: INT annotation {\ntag: "split" }', 4, 'type BYTES for "split"'),
        ('name: "a" type: INT annotation { tag: "user"\ntag: "time" }', 4, '"time" without a list, title or other'),
        ('name: "a" type: INT annotation { tag: "list"\ntag: "time" }', 4, '"time" without a list, title or other'),
        ('name: "a" type: INT annotation { tag: "categorical"\ntag: "time" }', 4, '"time" without an encoding'),
    ],
)
def test_refusals_name_the_line(feature: str, line: int, message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        parse_roles(f"{_IDS}feature {{ {feature} }}", "shop.pbtxt")
    assert raised.value.where == f"shop.pbtxt, line {line}"
    assert "\n" not in str(raised.value)


def test_two_titles() -> None:
    title = 'feature { name: "%s" type: BYTES\nannotation { tag: "title" } }\n'
    with pytest.raises(InputError, match='schema, line 6: expected one title column, received "t" and "u"'):
        parse_roles(_IDS + title % "t" + title % "u")


@pytest.mark.parametrize(("missing", "kept"), [("user_id", "item_id"), ("item_id", "user_id")])
def test_missing_ids(missing: str, kept: str) -> None:
    with pytest.raises(InputError, match=f'schema: expected a feature tagged "{missing}", received none'):
        parse_roles(f'feature {{ name: "x" type: INT annotation {{ tag: "{kept}" }} }}')


def test_ids_cannot_be_fractions() -> None:
    with pytest.raises(InputError, match='line 1: expected type BYTES or INT for "user_id"'):
        parse_roles('feature { name: "x" type: FLOAT annotation { tag: "user_id" } }')


@pytest.mark.parametrize(
    ("text", "line"),
    [("feature { name: 'a' }\nfeature {\n  nme: 'b'\n}", 3), ("feature {\n  name: 'a'\n", 2), ("no schema", 1)],
)
def test_syntax_errors(text: str, line: int) -> None:
    with pytest.raises(InputError, match=f"shop.pbtxt, line {line}: expected a TensorFlow Metadata Schema"):
        parse_roles(text, "shop.pbtxt")


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="schema .*none.pbtxt: expected a readable UTF-8 text file, .*No such"):
        read_roles(tmp_path / "none.pbtxt")
    (tmp_path / "latin.pbtxt").write_bytes(b"# caf\xe9")
    with pytest.raises(InputError, match="a readable UTF-8 text file"):
        read_roles(tmp_path / "latin.pbtxt")


@given(st.text(alphabet='feature{}<>[]":#\n\\ nameTYPINTtag_id,', max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_roles(text)
