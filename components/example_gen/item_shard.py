"""All interactions with some items, joined with the rows of these items."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from components.example_gen.facts import Facts, problem
from modules.errors import InputError
from modules.ragged import Ints
from modules.roles import Encoding, Roles

UNKNOWN_ITEMS = "unknown_item_interactions"


def shard_of(ids: pa.ChunkedArray, shards: int) -> Ints:
    """[rows] the shard in 0..shards-1 that each id belongs to."""
    if shards == 1:
        return np.zeros(len(ids), np.int64)
    return (pd.util.hash_array(ids.to_numpy().astype(object)) % np.uint64(shards)).astype(np.int64)


def parts_by_shard(table: pa.Table, column: str, shards: int) -> list[tuple[int, pa.Table]]:
    """The table's rows by the shard of their id in `column`, leaving out empty shards."""
    if shards == 1:
        return [(0, table)]
    owner = shard_of(table[column], shards)
    return [(int(shard), table.take(pa.array(np.flatnonzero(owner == shard)))) for shard in np.unique(owner)]


def unique_rows(table: pa.Table, name: str, key: str) -> tuple[pa.Table, Facts]:
    """The table sorted by its key, each key once, and a problem if one stood there twice.

    Args:
        table: rows of `items` or `users`.
        name: the table's name, for the message.
        key: its id column.
    """
    ids = pd.Series(table[key].to_numpy().astype(object))
    order = ids.sort_values(kind="stable").index.to_numpy(np.int64)
    repeated = ids[ids.duplicated()]
    facts: Facts = {}
    if len(repeated):
        first = repeated.sort_values().iloc[0]
        times = int((ids == first).sum())
        facts = problem(InputError(f"table {name}, column {key}", "each id once", f'"{first}" in {times} rows'))
        order = order[~ids[order].duplicated().to_numpy()]
    return table.take(pa.array(order)), facts


def join_items(interactions: pa.Table, items: pa.Table, roles: Roles) -> tuple[pa.Table, Facts]:
    """Interactions with the columns of their items, and counts of those whose item is not in the catalogue.

    Images stay in the catalogue: a copy in every interaction would be the bulk of all data (docs/decisions/0003).
    """
    key = roles.item_id
    places = pd.Series(np.arange(len(items)), index=items[key].to_numpy().astype(object))
    ids = interactions[key].to_numpy().astype(object)
    rows = places.reindex(ids).to_numpy()
    unknown = np.isnan(rows)
    facts: Facts = {UNKNOWN_ITEMS: int(unknown.sum())}
    if unknown.any():
        facts["unknown_item_examples"] = sorted(set(ids[unknown]))[:3]
    kept = pa.array(np.flatnonzero(~unknown))
    images = {column.name for column in roles.columns if column.encoding is Encoding.IMAGE}
    joined = interactions.take(kept)
    of_items = items.take(pa.array(rows[~unknown].astype(np.int64)))
    for name in items.column_names:
        if name not in images and name not in joined.column_names:
            joined = joined.append_column(name, of_items[name])
    return joined, facts
