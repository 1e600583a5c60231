"""Whole tables: which columns, which order, and rows chunk by chunk."""

from __future__ import annotations

import math
from typing import Any

import pyarrow as pa
import pytest

from components.source import CellLimits, normalise, read_table
from modules.errors import InputError
from modules.roles import Column, Encoding, Part, Roles, Table

_FLOAT = Column("price", "float", table=Table.ITEM, encoding=Encoding.CONTINUOUS)
_IMAGE = Column("image", "bytes", table=Table.ITEM, encoding=Encoding.IMAGE)
_TAGS = Column("tags", "bytes", table=Table.ITEM, encoding=Encoding.CATEGORICAL, is_list=True)
_USER = Column("user_id", "bytes", Part.USER_ID)
_ITEM = Column("item_id", "bytes", Part.ITEM_ID)
_LIMITS = CellLimits()


def test_columns_of_other_tables_and_of_no_schema_are_left_out() -> None:
    note = Column("note", "bytes")
    roles = Roles((note, _FLOAT, _ITEM, _USER))
    raw = pa.table({"price": [1], "other": [2], "item_id": [3], "user_id": [4], "note": ["n"]})
    assert normalise(raw, "interactions", roles, _LIMITS, 0).to_pylist() == [
        {"user_id": "4", "note": "n", "item_id": "3"}
    ]
    assert normalise(raw, "items", roles, _LIMITS, 0).to_pylist() == [{"item_id": "3", "note": "n", "price": 1.0}]
    assert normalise(raw, "users", roles, _LIMITS, 0).column_names == ["user_id", "note"]
    assert normalise(raw.drop(["note"]), "users", roles, _LIMITS, 0).column_names == ["user_id"]
    with pytest.raises(InputError, match='table items: expected a column "price", received item_id'):
        normalise(raw.select(["item_id"]), "items", roles, _LIMITS, 0)


def test_no_rows() -> None:
    raw = pa.table({"item_id": pa.nulls(0), "tags": pa.nulls(0), "image": pa.nulls(0)})
    result = normalise(raw, "items", Roles((_USER, _ITEM, _TAGS, _IMAGE)), _LIMITS, 0)
    assert result.num_rows == 0 and result.schema.types == [pa.string(), pa.list_(pa.string()), pa.binary()]


def test_required_columns(normal: Any, refuses: Any) -> None:
    column = Column("price", "float", table=Table.ITEM, encoding=Encoding.CONTINUOUS, required=True)
    assert normal(column, [1.5]) == [1.5]
    refuses(column, [1.5, math.nan], "row 102 .*a value in every row .*received nan")
    refuses(column, [None, 1.5], "row 101 .*received null")


def test_read_table_normalises_chunk_by_chunk_and_slices_those_with_images() -> None:
    class Numbered:
        table = "items"

        def read(self) -> Any:
            yield 0, pa.table({"item_id": range(700), "image": pa.nulls(700, pa.binary())})
            yield 700, pa.table({"item_id": ["z", None], "image": pa.nulls(2, pa.binary())})

    tables = read_table(Numbered(), Roles((_USER, _ITEM, _IMAGE)), _LIMITS)
    assert [next(tables).num_rows, next(tables).num_rows] == [500, 200]
    with pytest.raises(InputError, match="table items, row 702, column item_id"):
        next(tables)
