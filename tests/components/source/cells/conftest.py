"""Normalises the cells of a single column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest

from components.source import CellLimits, canonical_type, normalise
from modules.errors import InputError
from modules.roles import Column, Part, Roles

_IDS = (Column("user_id", "bytes", Part.USER_ID), Column("item_id", "bytes", Part.ITEM_ID))
_LIMITS = CellLimits(max_cell_bytes=20, now=1_700_000_000.0)


def _normal(column: Column, cells: pa.Array | Sequence[Any], limits: CellLimits = _LIMITS) -> list[Any]:
    """The normalised cells of one column, in a table where it belongs, from its row 101 on."""
    table = "items" if column.table else "interactions"
    columns = tuple({other.name: other for other in (*_IDS, column)}.values())
    raw = {"user_id": ["u"] * len(cells), "item_id": ["i"] * len(cells), "other": [None] * len(cells)}
    raw[column.name] = cells if isinstance(cells, pa.Array | pa.ChunkedArray) else pa.array(cells)
    result = normalise(pa.table(raw), table, Roles(columns), limits, first_row=100)
    result.validate(full=True)
    assert result.column_names[0] == ("item_id" if column.table else "user_id")
    assert result.schema.field(column.name).type == canonical_type(column)
    found: list[Any] = result.column(column.name).to_pylist()
    return found


def _refuses(column: Column, cells: pa.Array | Sequence[Any], message: str, limits: CellLimits = _LIMITS) -> None:
    """Asserts that the message of the refusal matches and names the column."""
    with pytest.raises(InputError, match=message) as raised:
        _normal(column, cells, limits)
    assert f"column {column.name}: expected" in str(raised.value)


@pytest.fixture(scope="session")
def normal() -> Any:
    """See `_normal`."""
    return _normal


@pytest.fixture(scope="session")
def refuses() -> Any:
    """See `_refuses`."""
    return _refuses
