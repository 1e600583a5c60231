"""Feedback: the newest rows of the product's own tables, checked and typed as for training."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import apache_beam as beam
import numpy as np
import pandas as pd
import pyarrow as pa

from components.example_gen import records
from components.example_gen.item_shard import join_items, parts_by_shard, unique_rows
from components.example_gen.weights import event_weights, interaction_weights
from components.source import (
    INTERACTIONS,
    ITEMS,
    TABLES,
    USERS,
    CellLimits,
    DataConfig,
    Partition,
    Source,
    canonical_type,
    columns_of,
    read_table,
)
from modules.errors import InputError
from modules.roles import Column, Encoding, Roles
from monitoring.outcomes import Event

PROBLEMS = "problems"
_SHARDS = 16


@dataclasses.dataclass(frozen=True)
class FeedbackTables:
    """The tables of a source, without images.

    Attributes:
        roles: of the columns that are read.
        data: the `[data]` section.
        limits: what cells may hold.
        columns: by table that is there, the columns that are read.
        partitions: by table, the pieces to read.
    """

    roles: Roles
    data: DataConfig
    limits: CellLimits
    columns: Mapping[str, tuple[Column, ...]]
    partitions: Mapping[str, list[Partition]]

    @classmethod
    def of(cls, source: Source, roles: Roles, data: DataConfig) -> FeedbackTables:
        """Looks at the tables; reads none.

        Raises:
            InputError: there is no table of interactions, or it lacks a column of the schema.
        """
        plain = Roles(tuple(c for c in roles.columns if c.encoding is not Encoding.IMAGE), roles.title)
        facts = source.facts()
        if INTERACTIONS not in facts:
            found = ", ".join(facts) or "none of the tables"
            raise InputError(f"feedback {source.location}", f'a table "{INTERACTIONS}"', found)
        columns = {name: columns_of(name, plain, fact.columns) for name, fact in facts.items()}
        for name, wanted in columns.items():
            for column in wanted:
                if column.name not in facts[name].columns:
                    received = f"columns {', '.join(facts[name].columns)}"
                    raise InputError(f"feedback, table {name}", f'a column "{column.name}"', received)
        partitions = {
            name: source.partitions(name, data.partition_rows, [column.name for column in wanted])
            for name, wanted in columns.items()
        }
        return cls(plain, data, CellLimits.of(data, source), columns, partitions)

    def column_names(self) -> frozenset[str]:
        """Of all tables."""
        return frozenset(column.name for columns in self.columns.values() for column in columns)

    def whole(self, table: str, pieces: Iterable[pa.Table]) -> pa.Table:
        """Pieces of a table as one, with its columns also where there are none."""
        empty = {column.name: pa.array([], canonical_type(column)) for column in self.columns[table]}
        return pa.concat_tables(list(pieces) or [pa.table(empty)])


def read_feedback(pipeline: beam.Pipeline, tables: FeedbackTables, span: Any) -> dict[str, beam.PCollection]:
    """Builds the graph that reads.

    Args:
        pipeline: to build in.
        tables: to read.
        span: side input (first, last): the moments, in seconds, between which feedback counts; (0, 0): all of it.

    Returns:
        "interactions", Arrow tables of the rows that count; "joined", the same with the columns of their items and
        users where those tables are there; "problems", what is wrong with cells, as arguments of InputErrors.
    """
    read, problems = {}, []
    for name in TABLES:
        found = (
            pipeline
            | f"Partitions[{name}]" >> beam.Create(tables.partitions.get(name, []), reshuffle=True)
            | f"Read[{name}]" >> beam.ParDo(_Read(tables)).with_outputs(PROBLEMS, main=name)
        )
        read[name] = found[name]
        problems.append(found[PROBLEMS])
    interactions = read[INTERACTIONS] | "Newest" >> beam.Map(within, tables.roles, span)
    joined = interactions
    for name, join in ((ITEMS, _with_items), (USERS, _with_users)):
        if name in tables.columns:
            key = tables.roles.item_id if name == ITEMS else tables.roles.user_id
            sides = {INTERACTIONS: joined, name: read[name]}
            by_key = {
                side: rows | f"{side} by {key}" >> beam.FlatMap(parts_by_shard, key, _SHARDS)
                for side, rows in sides.items()
            }
            joined = by_key | f"Group by {key}" >> beam.CoGroupByKey() | f"Join {name}" >> beam.Map(join, tables)
    return {
        INTERACTIONS: interactions,
        "joined": joined,
        PROBLEMS: problems | "All problems" >> beam.Flatten(),
    }


class _Read(beam.DoFn):
    """Partition → normalised chunks; what no reader could use becomes a problem."""

    def __init__(self, tables: FeedbackTables) -> None:
        self._tables = tables

    def process(self, partition: Partition) -> Iterator[Any]:
        try:
            yield from read_table(partition, self._tables.roles, self._tables.limits)
        except InputError as error:
            yield beam.pvalue.TaggedOutput(PROBLEMS, [f"feedback, {error.where}", error.expected, error.received])


def within(table: pa.Table, roles: Roles, span: tuple[int, int]) -> pa.Table:
    """The rows from the first to the last moment of `span`; all where it is (0, 0) or rows have no times."""
    if roles.time is None or not span[1]:
        return table
    times = table[roles.time].to_numpy()
    return table.filter(pa.array((times >= span[0]) & (times <= span[1])))


def _with_items(element: tuple[int, Mapping[str, Iterable[pa.Table]]], tables: FeedbackTables) -> pa.Table:
    pieces = element[1]
    items, _ = unique_rows(tables.whole(ITEMS, pieces[ITEMS]), ITEMS, tables.roles.item_id)
    return join_items(tables.whole(INTERACTIONS, pieces[INTERACTIONS]), items, tables.roles)[0]


def _with_users(element: tuple[int, Mapping[str, Iterable[pa.Table]]], tables: FeedbackTables) -> pa.Table:
    key, pieces = tables.roles.user_id, element[1]
    users, _ = unique_rows(tables.whole(USERS, pieces[USERS]), USERS, key)
    known = list(pieces[INTERACTIONS])
    if not known:
        return tables.whole(INTERACTIONS, [])
    interactions = pa.concat_tables(known)
    places = pd.Series(np.arange(len(users)), index=users[key].to_numpy().astype(object))
    rows = places.reindex(interactions[key].to_numpy().astype(object)).to_numpy()
    of_users = users.take(pa.array(rows, pa.int64(), from_pandas=True))
    for name in of_users.column_names:
        if name not in interactions.column_names:
            interactions = interactions.append_column(name, of_users[name])
    return interactions


def examples(table: pa.Table) -> list[bytes]:
    """Serialised tf.Examples of the rows, as training has them."""
    return records.encode({name: records.as_lists(table[name]) for name in table.column_names}) if len(table) else []


def taken(table: pa.Table, roles: Roles, data: DataConfig) -> list[tuple[str, Event]]:
    """(user, event) of the positive rows."""
    kinds = table[roles.event].to_numpy().astype(object) if roles.event else None
    targets = table[roles.target].to_numpy() if roles.target else None
    positive = interaction_weights(event_weights(kinds, len(table), data), targets, data) > 0
    times = table[roles.time].to_pylist() if roles.time else [None] * len(table)
    users, items = table[roles.user_id].to_pylist(), table[roles.item_id].to_pylist()
    return [
        (user, Event(time, item))
        for user, item, time, counts in zip(users, items, times, positive, strict=True)
        if counts
    ]


def known_share(table: pa.Table, roles: Roles, users: frozenset[str], items: frozenset[str]) -> dict[str, int]:
    """Rows, and how many of them are of users and items that are not known."""
    return {
        "rows": len(table),
        "unknown_users": sum(user not in users for user in table[roles.user_id].to_pylist()),
        "unknown_items": sum(item not in items for item in table[roles.item_id].to_pylist()),
    }
