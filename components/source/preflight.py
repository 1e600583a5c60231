"""The quick look at a source, before anything is computed, that finds what would stop the run an hour later."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from components.source.cells import CellLimits, normalise
from components.source.columns import belongs, columns_of
from components.source.config import DataConfig
from components.source.source import INTERACTIONS, ITEMS, TABLES, USERS, Source, TableFacts
from modules.errors import InputError
from modules.roles import Column, Roles, Table

_SAMPLE_ROWS = 1_000


@dataclasses.dataclass(frozen=True)
class SourceFacts:
    """What the quick look found.

    Attributes:
        location: of the source, without passwords.
        rows: number of rows by table.
        columns: names of the columns to read by table, its key first: what `Source.partitions` wants.
    """

    location: str
    rows: dict[str, int]
    columns: dict[str, tuple[str, ...]]


def check_source(source: Source, roles: Roles, data_config: DataConfig) -> SourceFacts:
    """Checks that a source fits the schema; reads no table as a whole, except CSV files, whose rows it counts.

    Raises:
        InputError: a table or column is missing, a table is empty, there are fewer than two users or items, or one of
            the first thousand rows of a table has a cell that does not fit.
    """
    facts = source.facts()
    _check_tables(source, roles, facts)
    columns = {
        table: tuple(column.name for column in columns_of(table, roles, fact.columns)) for table, fact in facts.items()
    }
    for column in roles.columns:
        _check_column(column, facts)
    for table, fact in facts.items():
        if fact.rows == 0:
            received = "no items" if table == ITEMS else "an empty table"
            raise InputError(f"table {table}", "rows", received)
    limits = CellLimits.of(data_config, source)
    for table in facts:
        normalise(source.head(table, columns[table], _SAMPLE_ROWS), table, roles, limits, first_row=0)
    for table, key, who in ((INTERACTIONS, roles.user_id, "user"), (ITEMS, roles.item_id, "item")):
        if not source.has_two(table, key):
            raise InputError(f"table {table}, column {key}", f"two {who}s at least", f"a single {who}")
    return SourceFacts(source.location, {table: fact.rows for table, fact in facts.items()}, columns)


def _check_tables(source: Source, roles: Roles, facts: Mapping[str, TableFacts]) -> None:
    found = ", ".join(facts) or "none of the tables"
    for table in (INTERACTIONS, ITEMS):
        if table not in facts:
            raise InputError(f"source {source.location}", f'a table "{table}"', found)
    features = ", ".join(column.name for column in roles.columns if column.table is Table.USER)
    if features and USERS not in facts:
        expected = f'a table "{USERS}" with the user features of the schema ({features})'
        raise InputError(f"source {source.location}", expected, found)


def _check_column(column: Column, facts: Mapping[str, TableFacts]) -> None:
    having = [table for table, fact in facts.items() if column.name in fact.columns]
    for table, fact in facts.items():
        if belongs(column, table) and table not in having:
            what = f" ({column.part.value})" if column.part else ""
            raise InputError(f"table {table}", f'a column "{column.name}"{what}', f"columns {', '.join(fact.columns)}")
    if any(belongs(column, table) is None for table in TABLES) and len(having) != 1:
        received = f"it in {' and '.join(having)}" if having else "it in none"
        raise InputError("schema", f'column "{column.name}", which has no tags, in one of the tables', received)
