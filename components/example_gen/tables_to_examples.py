"""The Beam graph of the ExampleGen: partitions of three tables → files of tf.Examples and the facts about them.

Elements are Arrow tables of thousands of rows, not rows: what Beam costs per element then hardly counts. Files are
written by the steps that make their records, in an order given by ids alone, so that equal tables give equal files
whatever they were read from and however the reading was cut into partitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import apache_beam as beam
import pyarrow as pa

from components.example_gen import records
from components.example_gen.facts import Facts, SummariseInteractions, merge, overview_facts, plan_splits, problem
from components.example_gen.item_shard import join_items, parts_by_shard, unique_rows
from components.example_gen.job import Job
from components.example_gen.splits import CATALOGUE_SPLIT, TRAIN, SplitKind
from components.example_gen.user_shard import UserShard
from components.source import INTERACTIONS, ITEMS, TABLES, USERS, Partition, Source, read_table
from modules.errors import InputError

FACTS = "facts"


def read_and_write(pipeline: beam.Pipeline, source: Source, job: Job) -> beam.PCollection:
    """Builds the graph.

    Returns:
        A PCollection with one element: the merged facts.
    """
    roles, rows = job.roles, job.settings.data.partition_rows
    tables, all_facts = {}, []
    for name in TABLES:
        columns = [column.name for column in job.columns.get(name, ())]
        partitions = source.partitions(name, rows, columns) if columns else []
        read = (
            pipeline
            | f"Partitions[{name}]" >> beam.Create(partitions, reshuffle=True)
            | f"Read[{name}]" >> beam.ParDo(_Read(job)).with_outputs(FACTS, main=name)
        )
        tables[name] = read[name]
        all_facts.append(read[FACTS])
    overview = tables[INTERACTIONS] | "Summarise" >> beam.CombineGlobally(SummariseInteractions(roles))
    plan = overview | "PlanSplits" >> beam.Map(plan_splits, roles, job.settings)
    by_item = {
        name: tables[name] | f"ByItem[{name}]" >> beam.FlatMap(parts_by_shard, roles.item_id, job.item_shards)
        for name in (INTERACTIONS, ITEMS)
    }
    joined = (
        by_item
        | "GroupByItem" >> beam.CoGroupByKey()
        | "JoinItems" >> beam.ParDo(_JoinItems(job)).with_outputs(FACTS, main=INTERACTIONS)
    )
    by_user = {
        INTERACTIONS: joined[INTERACTIONS],
        USERS: tables[USERS] | f"ByUser[{USERS}]" >> beam.FlatMap(parts_by_shard, roles.user_id, job.user_shards),
    }
    written = (
        by_user
        | "GroupByUser" >> beam.CoGroupByKey()
        | "WriteUsers" >> beam.ParDo(_WriteUsers(job), beam.pvalue.AsSingleton(plan))
    )
    planned = plan | "PlanFacts" >> beam.Map(_plan_facts)
    spanned = overview | "OverviewFacts" >> beam.Map(overview_facts)
    return (
        [*all_facts, joined[FACTS], written, planned, spanned]
        | "Facts" >> beam.Flatten()
        | "MergeFacts" >> beam.CombineGlobally(merge)
    )


class _Read(beam.DoFn):
    """Partition → normalised chunks; rows that no reader could use become problems."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def process(self, partition: Partition) -> Iterator[Any]:
        try:
            for chunk in read_table(partition, self._job.roles, self._job.limits):
                yield beam.pvalue.TaggedOutput(FACTS, {"rows": {partition.table: len(chunk)}})
                yield chunk
        except InputError as error:
            yield beam.pvalue.TaggedOutput(FACTS, problem(error))


class _JoinItems(beam.DoFn):
    """(item shard, its interactions and items) → candidates on disk, and joined interactions by user shard."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def process(self, element: tuple[int, Mapping[str, Iterable[pa.Table]]]) -> Iterator[Any]:
        shard, tables = element
        job, roles = self._job, self._job.roles
        catalogue, repeated = unique_rows(job.whole(ITEMS, tables[ITEMS]), ITEMS, roles.item_id)
        columns = {name: records.as_lists(catalogue[name]) for name in catalogue.column_names}
        written = job.write("candidates", CATALOGUE_SPLIT, shard, job.item_shards, columns)
        joined, unknown = join_items(job.whole(INTERACTIONS, tables[INTERACTIONS]), catalogue, roles)
        for facts in (repeated, written, unknown):
            yield beam.pvalue.TaggedOutput(FACTS, facts)
        yield from parts_by_shard(joined, roles.user_id, job.user_shards)


class _WriteUsers(beam.DoFn):
    """(user shard, its interactions and users) → training examples and queries on disk, and counts."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def process(self, element: tuple[int, Mapping[str, Iterable[pa.Table]]], planned: Any) -> Iterator[Facts]:
        number, tables = element
        job, (plan, sampling) = self._job, planned
        users = None
        if USERS in job.columns:
            users, repeated = unique_rows(job.whole(USERS, tables[USERS]), USERS, job.roles.user_id)
            yield repeated
        interactions = job.whole(INTERACTIONS, tables[INTERACTIONS])
        shard = UserShard(interactions, users, job.roles, job.settings, plan, sampling)
        for split, columns in shard.interactions():
            yield job.write("interactions", split, number, job.user_shards, columns)
        for split, columns in shard.queries():
            yield job.write("queries", split, number, job.user_shards, columns)
        positive = shard.weights > 0
        learned = positive & (shard.splits == TRAIN)
        yield {"users": len(shard.user_ids), "positives": int(positive.sum()), "train_positives": int(learned.sum())}


def _plan_facts(planned: Any) -> Facts:
    """How the rows were split, for the report."""
    plan, _ = planned
    facts: Facts = {"split_kind": [plan.kind.value]}
    if plan.kind is SplitKind.TIME:
        facts |= {"eval_from": plan.eval_from, "test_from": plan.test_from}
    return facts
