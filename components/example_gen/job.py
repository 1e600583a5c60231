"""What every step of the ExampleGen needs to know."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Iterable, Mapping

import pyarrow as pa

from components.example_gen import records
from components.example_gen.facts import Facts
from components.example_gen.settings import ExampleSettings
from components.example_gen.splits import CATALOGUE_SPLIT, SPLIT_NAMES
from components.source import INTERACTIONS, ITEMS, TABLES, USERS, CellLimits, Source, canonical_type, columns_of
from modules.roles import Column, Roles

# The splits of each output.
OUTPUTS = {
    "interactions": SPLIT_NAMES,
    "candidates": (CATALOGUE_SPLIT,),
    "queries": ("eval", "test", "serving"),
}


@dataclasses.dataclass(frozen=True)
class Job:
    """A source's tables, and what is to be made of them.

    Attributes:
        roles: of the columns.
        settings: how rows become examples.
        limits: what a cell may hold.
        columns: by table that the source has, the columns that are read from it.
        folders: where the files of "interactions", "candidates" and "queries" go.
        user_shards, item_shards: in how many pieces the tables are worked on.
    """

    roles: Roles
    settings: ExampleSettings
    limits: CellLimits
    columns: Mapping[str, tuple[Column, ...]]
    folders: Mapping[str, str]
    user_shards: int
    item_shards: int

    @classmethod
    def of(cls, source: Source, roles: Roles, settings: ExampleSettings, folders: Mapping[str, str]) -> Job:
        """The job for a source, cut into pieces of about `partition_rows` rows."""
        tables = source.facts()
        rows = {name: tables[name].rows if name in tables else 0 for name in TABLES}
        piece = settings.data.partition_rows
        return cls(
            roles=roles,
            settings=settings,
            limits=CellLimits.of(settings.data, source),
            columns={name: columns_of(name, roles, table.columns) for name, table in tables.items()},
            folders=folders,
            user_shards=max(1, math.ceil(max(rows[INTERACTIONS], rows[USERS]) / piece)),
            item_shards=max(1, math.ceil(max(rows[INTERACTIONS], rows[ITEMS]) / piece)),
        )

    def whole(self, table: str, pieces: Iterable[pa.Table]) -> pa.Table:
        """Pieces of a table as one: of no rows, but with its columns, where there are none."""
        columns = {column.name: pa.array([], canonical_type(column)) for column in self.columns[table]}
        return pa.concat_tables(list(pieces) or [pa.table(columns)])

    def write(self, output: str, split: str, shard: int, shards: int, columns: Mapping[str, pa.Array]) -> Facts:
        """Writes a shard of a split and returns how many rows it has."""
        encoded = records.encode(columns)
        records.write_shard(os.path.join(self.folders[output], f"Split-{split}"), shard, shards, encoded)
        return {f"{output}_rows": {split: len(encoded)}}
