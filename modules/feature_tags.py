"""One feature of the annotated schema: its tags, read and checked against each other."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Protocol, TypeVar

from tensorflow_metadata.proto.v0 import schema_pb2

from modules.column import Column, Encoding, Part, Table
from modules.errors import InputError

LIST_TAG = "list"
TITLE_TAG = "title"
RELEASED_TAG = "released"
ITEM_TAGS = (TITLE_TAG, RELEASED_TAG)  # of columns of items, which may be features besides
_KNOWN_TAGS = frozenset([LIST_TAG, *ITEM_TAGS, *(tag.value for kind in (Part, Table, Encoding) for tag in kind)])

_DTYPES = {schema_pb2.BYTES: "bytes", schema_pb2.INT: "int", schema_pb2.FLOAT: "float"}
# The types of parts in examples, whatever they are in the tables.
_PART_DTYPES = {
    Part.USER_ID: "bytes",
    Part.ITEM_ID: "bytes",
    Part.TIME: "int",
    Part.TARGET: "float",
    Part.SPLIT: "bytes",
    Part.EVENT: "bytes",
}
_E = TypeVar("_E", bound=enum.Enum)


class Refuse(Protocol):
    """Makes errors that name a line of a feature."""

    def __call__(self, expected: str, received: str, tag: str = "") -> InputError:
        """The error that names the line of `tag`, or, without one, that of the feature's name."""


def read_feature(feature: schema_pb2.Feature, refuse: Refuse) -> tuple[Column, list[str]]:
    """The column that a feature describes, and which of `ITEM_TAGS` it has.

    Raises:
        InputError: made by `refuse`: a tag is unknown, or tags and type contradict each other.
    """
    tags = list(feature.annotation.tag)
    for tag in tags:
        if tag not in _KNOWN_TAGS:
            raise refuse(f"tags out of {sorted(_KNOWN_TAGS)}", f'"{tag}" on "{feature.name}"', tag)
    dtype = _DTYPES.get(feature.type)
    if dtype is None:
        raise refuse("type BYTES, INT or FLOAT", f'none of them on "{feature.name}"')

    def sole(kind: type[_E], what: str) -> _E | None:
        found = [member for member in kind if member.value in tags]
        if len(found) > 1:
            names = " and ".join(f'"{member.value}"' for member in found)
            raise refuse(f"one {what} at most", f'{names} on "{feature.name}"', found[-1].value)
        return found[0] if found else None

    def contradiction(tag: str, expected: str) -> InputError:
        return refuse(expected, f'{tags} of type {dtype} on "{feature.name}"', tag)

    part, table, encoding = sole(Part, "part"), sole(Table, "table"), sole(Encoding, "encoding")
    is_list, of_item = LIST_TAG in tags, [tag for tag in ITEM_TAGS if tag in tags]
    if part:
        _check_part(part, table, encoding, dtype, is_list or bool(of_item), contradiction)
        # An id is a feature by being an id, and the other parts are none: their encoding and table say nothing new.
        table, encoding, dtype = None, None, _PART_DTYPES[part]
    else:
        if TITLE_TAG in of_item:
            _check_title(table, encoding, dtype, contradiction)
        if RELEASED_TAG in of_item:
            _check_released(table, encoding, dtype, is_list, contradiction)
        _check_feature(table, encoding, dtype, is_list, bool(of_item), contradiction)
        table = Table.ITEM if of_item else table
    minimum, maximum = _limits(feature)
    column = Column(
        name=feature.name,
        dtype=dtype,
        part=part,
        table=table,
        encoding=encoding,
        is_list=is_list,
        minimum=minimum,
        maximum=maximum,
        required=feature.presence.min_fraction == 1.0,
    )
    return column, of_item


_Contradiction = Callable[[str, str], InputError]


def _check_title(table: Table | None, encoding: Encoding | None, dtype: str, contradiction: _Contradiction) -> None:
    """Refuses a title that cannot be shown beside an item."""
    if table not in (None, Table.ITEM):
        raise contradiction(TITLE_TAG, 'a title among the columns of the "item" table')
    if dtype != "bytes" or encoding is Encoding.IMAGE:
        raise contradiction(TITLE_TAG, "a title of type BYTES that is no image")


def _check_released(
    table: Table | None, encoding: Encoding | None, dtype: str, is_list: bool, contradiction: _Contradiction
) -> None:
    """Refuses a release that is no moment of an item."""
    if table not in (None, Table.ITEM):
        raise contradiction(RELEASED_TAG, 'a release among the columns of the "item" table')
    if dtype != "int" or is_list or encoding not in (None, Encoding.CONTINUOUS):
        raise contradiction(RELEASED_TAG, "a release of type INT, in seconds, not a list nor categorical")


def _check_feature(
    table: Table | None,
    encoding: Encoding | None,
    dtype: str,
    is_list: bool,
    of_item: bool,
    contradiction: _Contradiction,
) -> None:
    """Refuses a feature that could not be read or encoded."""
    if encoding is None:
        if table and not of_item:
            raise contradiction(table.value, "an encoding (categorical, continuous, text, image) beside the table")
        if is_list:
            raise contradiction(LIST_TAG, 'an encoding beside "list"')
        return
    if table is None:
        raise contradiction(encoding.value, 'one of "user", "item", "context" beside the encoding')
    if encoding is Encoding.CONTINUOUS and dtype == "bytes":
        raise contradiction(encoding.value, "type INT or FLOAT for a continuous column")
    if encoding is Encoding.CATEGORICAL and dtype == "float":
        raise contradiction(encoding.value, "type BYTES or INT for a categorical column")
    if encoding in (Encoding.TEXT, Encoding.IMAGE) and dtype != "bytes":
        raise contradiction(encoding.value, f"type BYTES for a column of {encoding.value}")
    if encoding is Encoding.IMAGE and (is_list or table is not Table.ITEM):
        raise contradiction(encoding.value, "an image to be a single value of an item")


def _check_part(
    part: Part,
    table: Table | None,
    encoding: Encoding | None,
    dtype: str,
    decorated: bool,
    contradiction: _Contradiction,
) -> None:
    """Refuses what cannot stand beside a part."""
    home = {Part.USER_ID: Table.USER, Part.ITEM_ID: Table.ITEM}.get(part)
    if decorated or (table and table is not home):
        raise contradiction(part.value, f'"{part.value}" without a list, title or other table beside it')
    if encoding and not (home and encoding is Encoding.CATEGORICAL):
        raise contradiction(part.value, f'"{part.value}" without an encoding beside it')
    if part in (Part.USER_ID, Part.ITEM_ID, Part.EVENT) and dtype == "float":
        raise contradiction(part.value, f'type BYTES or INT for "{part.value}"')
    if part is Part.TARGET and dtype == "bytes":
        raise contradiction(part.value, 'type INT or FLOAT for "target"')
    if part is Part.SPLIT and dtype != "bytes":
        raise contradiction(part.value, 'type BYTES for "split"')


def _limits(feature: schema_pb2.Feature) -> tuple[float | None, float | None]:
    """Least and greatest value that the schema allows, None where it sets no limit."""
    kind = feature.WhichOneof("domain_info")
    if kind not in ("int_domain", "float_domain"):
        return None, None
    domain = getattr(feature, kind)
    return (
        float(domain.min) if domain.HasField("min") else None,
        float(domain.max) if domain.HasField("max") else None,
    )
