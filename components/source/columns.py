"""Which column of the schema is read from which table, and the type it has after normalisation."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa

from components.source.source import INTERACTIONS, ITEMS, USERS
from modules.roles import Column, Encoding, Part, Roles, Table

_HOME = {Table.CONTEXT: INTERACTIONS, Table.ITEM: ITEMS, Table.USER: USERS}
_TYPES = {"bytes": pa.string(), "int": pa.int64(), "float": pa.float32()}


def belongs(column: Column, table: str) -> bool | None:
    """Whether the column lives in the table; None if it has no tags and may be in any."""
    if column.part is Part.USER_ID:
        return table in (INTERACTIONS, USERS)
    if column.part is Part.ITEM_ID:
        return table in (INTERACTIONS, ITEMS)
    if column.part:
        return table == INTERACTIONS
    return _HOME[column.table] == table if column.table else None


def columns_of(table: str, roles: Roles, present: Collection[str]) -> tuple[Column, ...]:
    """The columns of the schema that are read from a table: its key first, then in the order of the schema.

    Args:
        table: one of `TABLES`.
        roles: the schema.
        present: names of the columns that the table has; it may lack columns without tags only.

    Returns:
        Every tagged column that belongs to the table and every column without tags that it has.
    """
    found = [
        column
        for column in roles.columns
        if belongs(column, table) or (belongs(column, table) is None and column.name in present)
    ]
    key = key_of(table, roles)
    return tuple(sorted(found, key=lambda column: column.name != key))


def key_of(table: str, roles: Roles) -> str:
    """The id column that a table is cut by: the item's for `items`, the user's for the other two."""
    return roles.item_id if table == ITEMS else roles.user_id


def canonical_type(column: Column) -> pa.DataType:
    """Arrow type of the column in normalised tables."""
    if column.encoding is Encoding.IMAGE:
        return pa.binary()
    single = _TYPES[column.dtype]
    return pa.list_(single) if column.is_list else single
