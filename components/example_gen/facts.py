"""Counts of what the source held, gathered while it is read."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import apache_beam as beam
import numpy as np
import pandas as pd
import pyarrow as pa

from components.example_gen.settings import ExampleSettings
from components.example_gen.splits import SplitKind, SplitPlan, time_boundaries
from components.example_gen.user_shard import Sampling
from modules.errors import InputError
from modules.ragged import Ints
from modules.roles import Roles

Facts = dict[str, Any]
PROBLEMS_KEPT = 5


def problem(error: InputError) -> Facts:
    """An error found in the rows, as a fact: it ends the run once all rows have been looked at."""
    return {"problems": [[error.where, error.expected, error.received]]}


def merge(facts: Iterable[Facts]) -> Facts:
    """Sums counts, keeps the outermost times (`*_from`, `*_to`) and the first few problems and examples."""
    merged: Facts = {}
    for fact in facts:
        for key, value in fact.items():
            if key not in merged:
                merged[key] = value
            elif isinstance(value, list):
                merged[key] = sorted(merged[key] + value)[:PROBLEMS_KEPT]
            elif isinstance(value, Mapping):
                merged[key] = merge([merged[key], dict(value)])
            elif key.endswith("_from"):
                merged[key] = min(merged[key], value)
            elif key.endswith("_to"):
                merged[key] = max(merged[key], value)
            else:
                merged[key] = merged[key] + value
    return merged


@dataclasses.dataclass(frozen=True)
class Overview:
    """What has to be known of all interactions before any can be split.

    Attributes:
        rows: how many there are.
        times: [distinct] int64 ascending, and `time_counts`: rows of each. Empty where interactions have no time.
        users: [distinct] uint64 hashes of the user ids, ascending.
        split_rows: rows of each value of the split column.
    """

    rows: int
    times: Ints
    time_counts: Ints
    users: Any
    split_rows: Mapping[str, int]


class SummariseInteractions(beam.CombineFn):
    """Chunks of interactions → `Overview`. Holds one number for each distinct time and user."""

    def __init__(self, roles: Roles) -> None:
        self._roles = roles

    def create_accumulator(self) -> Overview:
        """The overview of no rows."""
        empty = np.empty(0, np.int64)
        return Overview(0, empty, empty, np.empty(0, np.uint64), {})

    def add_input(self, accumulator: Overview, chunk: pa.Table) -> Overview:
        """With the rows of a chunk added."""
        roles = self._roles
        empty = np.empty(0, np.int64)
        times, counts = np.unique(chunk[roles.time].to_numpy(), return_counts=True) if roles.time else (empty, empty)
        users = np.unique(pd.util.hash_array(chunk[roles.user_id].to_numpy().astype(object)))
        splits = chunk[roles.split].to_pandas().value_counts().to_dict() if roles.split else {}
        return self.merge_accumulators([accumulator, Overview(len(chunk), times, counts, users, splits)])

    def merge_accumulators(self, accumulators: Iterable[Overview]) -> Overview:
        """Overviews of parts → the one of the whole."""
        parts = list(accumulators)
        times, place = np.unique(np.concatenate([part.times for part in parts]), return_inverse=True)
        counts = np.bincount(place, np.concatenate([part.time_counts for part in parts]), len(times)).astype(np.int64)
        users = np.unique(np.concatenate([part.users for part in parts]))
        splits = merge(dict(part.split_rows) for part in parts)
        return Overview(sum(part.rows for part in parts), times, counts, users, splits)

    def extract_output(self, accumulator: Overview) -> Overview:
        """The overview itself."""
        return accumulator


def overview_facts(overview: Overview) -> Facts:
    """The time that the interactions span."""
    if not len(overview.times):
        return {}
    return {"time_from": int(overview.times[0]), "time_to": int(overview.times[-1])}


def plan_splits(overview: Overview, roles: Roles, settings: ExampleSettings) -> tuple[SplitPlan, Sampling]:
    """How the interactions are to be split, and which share of the evaluation queries is kept."""
    data = settings.data
    plan = SplitPlan(
        SplitKind.COLUMN if roles.split else SplitKind.TIME if roles.time else SplitKind.RANDOM,
        eval_fraction=data.eval_fraction,
        test_fraction=data.test_fraction,
        seed=settings.seed,
    )
    eval_rows, test_rows = overview.rows * data.eval_fraction, overview.rows * data.test_fraction
    if plan.kind is SplitKind.TIME:
        eval_from, test_from = time_boundaries(
            overview.times, overview.time_counts, data.eval_fraction, data.test_fraction
        )
        plan = dataclasses.replace(plan, eval_from=eval_from, test_from=test_from)
    elif plan.kind is SplitKind.COLUMN:
        plan = dataclasses.replace(plan, set_aside_eval=not overview.split_rows.get("eval"))
        eval_rows = overview.split_rows.get("eval") or eval_rows
        test_rows = overview.split_rows.get("test", 0)
    by_user = not settings.asks_next_items(plan.kind)
    possible = (len(overview.users), len(overview.users)) if by_user else (eval_rows, test_rows)
    return plan, Sampling(*(min(1.0, settings.max_queries / max(count, 1)) for count in possible))
