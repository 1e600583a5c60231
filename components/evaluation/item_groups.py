"""Groups of items that the evaluation is broken down by: how popular they are, and their categories."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
import pandas as pd

from modules.raw_columns import raw_types, read_raw_columns
from modules.roles import Encoding, Roles, Table

POPULARITY_OF_ITEM = "item popularity"
NEW, TAIL, HEAD = "new: nobody took it in train", "tail: the last 20 % of what was taken", "head"
TAIL_SHARE = 0.2
MAX_COLUMNS, MAX_VALUES = 3, 50


@dataclasses.dataclass(frozen=True)
class ItemGroup:
    """Items with something in common.

    Attributes:
        column, value: what it is.
        members: [num_items] bool.
    """

    column: str
    value: str
    members: npt.NDArray[np.bool_]


def popularity_groups(counts: npt.NDArray[np.int64]) -> list[ItemGroup]:
    """Items that nobody took in train, the least popular ones that make up a fifth of it, and the others.

    Args:
        counts: [num_items] positives of each item in train.
    """
    order = np.argsort(counts, kind="stable")
    upto = np.cumsum(counts[order])
    tail = np.zeros(len(counts), bool)
    tail[order[upto <= TAIL_SHARE * counts.sum()]] = True
    tail &= counts > 0
    groups = {NEW: counts == 0, TAIL: tail, HEAD: (counts > 0) & ~tail}
    return [ItemGroup(POPULARITY_OF_ITEM, value, members) for value, members in groups.items()]


def category_groups(folder: str, roles: Roles) -> list[ItemGroup]:
    """The items of each category, for the first three categorical columns of 2 to 50 values.

    Args:
        folder: of the catalogue; items keep its order. An item with several categories is in several groups.
        roles: of the columns.
    """
    names = [column.name for column in roles.features(Table.ITEM) if column.encoding is Encoding.CATEGORICAL]
    raw = read_raw_columns(folder, raw_types(roles, names))
    found: dict[str, list[ItemGroup]] = {}
    for name in names:
        column = raw[name]
        codes, values = pd.factorize(column.values)
        if not 2 <= len(values) <= MAX_VALUES or len(found) == MAX_COLUMNS:
            continue
        owners = np.repeat(np.arange(len(column)), np.diff(column.row_splits))
        members = np.zeros((len(values), len(column)), bool)
        members[codes, owners] = True
        found[name] = [
            ItemGroup(name, value.decode() if isinstance(value, bytes) else str(value), row)
            for value, row in zip(values, members, strict=True)
        ]
    return [group for groups in found.values() for group in groups]
