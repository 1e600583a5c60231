"""All interactions of some users → training examples, evaluation queries and the state the servable starts from."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from components.example_gen import records, weights
from components.example_gen.history import Timeline, Windows
from components.example_gen.settings import ExampleSettings
from components.example_gen.splits import EVAL, SPLIT_NAMES, TEST, TRAIN, SplitKind, SplitPlan, assign, uniform_of
from modules.ragged import Ints, offsets_of
from modules.roles import HISTORY, HISTORY_TARGET, RELEVANT, SEEN, WEIGHT, Roles, Table

SERVING = "serving"
Columns = Mapping[str, pa.Array]


@dataclasses.dataclass(frozen=True)
class Sampling:
    """Shares of the possible evaluation queries that are kept, by split."""

    eval: float = 1.0
    test: float = 1.0

    def of(self, split: int) -> float:
        """The share of a split."""
        return {EVAL: self.eval, TEST: self.test}[split]


class UserShard:
    """The interactions of some users, joined with the columns of their items, in a fixed order."""

    def __init__(
        self,
        interactions: pa.Table,
        users: pa.Table | None,
        roles: Roles,
        settings: ExampleSettings,
        plan: SplitPlan,
        sampling: Sampling,
    ) -> None:
        """Sorts the rows and derives what every output needs.

        Args:
            interactions: normalised rows, every row of the users concerned.
            users: normalised rows of the users table of these users, or None without such a table.
            roles: of the columns.
            settings: how rows become examples.
            plan: how the rows are split.
            sampling: how many evaluation queries are kept.
        """
        self._roles, self._settings, self._plan, self._sampling = roles, settings, plan, sampling
        table = interactions.take(pa.array(_order(interactions, roles)))
        self._table = table
        user_ids = _objects(table, roles.user_id)
        known = _objects(users, roles.user_id) if users is not None else np.empty(0, object)
        # Users are numbered in the order of their ids, those without interactions among them.
        self.user_ids: npt.NDArray[np.object_] = np.unique(np.concatenate([user_ids, known]).astype(object))
        codes = np.searchsorted(self.user_ids, user_ids).astype(np.int64)
        self._user_rows = pd.Series(np.arange(len(known)), index=known).reindex(self.user_ids).to_numpy()
        self._users = users
        rows = len(codes)
        targets = table[roles.target].to_numpy() if roles.target else None
        by_event = weights.event_weights(_objects(table, roles.event) if roles.event else None, rows, settings.data)
        self.weights = weights.interaction_weights(by_event, targets, settings.data)
        self._user_ids = user_ids
        uniform = uniform_of(user_ids, _objects(table, roles.item_id), plan.seed)
        times = table[roles.time].to_numpy() if roles.time else None
        column = _objects(table, roles.split) if plan.kind is SplitKind.COLUMN and roles.split else None
        self.splits = assign(plan, codes, times, column, uniform)
        self._timeline = Timeline(codes, times, self.splits, by_event > 0)

    def interactions(self) -> Iterator[tuple[str, Columns]]:
        """For each split its name and columns: the interaction, its user, item, history and weight."""
        data = self._settings.data
        lengths = np.where(self.splits == TRAIN, min(data.example_history, data.history_length), data.history_length)
        windows = self._before(np.arange(len(self._table)), data.history_length).newest(lengths)
        columns = {name: records.as_lists(self._table[name]) for name in self._table.column_names}
        columns |= self._user_columns(self._timeline.user)
        columns |= self._history(windows)
        columns[WEIGHT] = records.as_lists(pa.array(self.weights))
        for split, name in enumerate(SPLIT_NAMES):
            rows = pa.array(np.flatnonzero(self.splits == split))
            yield name, {key: column.take(rows) for key, column in columns.items()}

    def queries(self) -> Iterator[tuple[str, Columns]]:
        """For eval and test their evaluation queries, and for serving the state of every user."""
        next_item = self._settings.asks_next_items(self._plan.kind)
        for split in (EVAL, TEST):
            yield SPLIT_NAMES[split], self._next_items(split) if next_item else self._held_out(split)
        until = {"all": TEST, "eval": EVAL, "train": TRAIN}[self._settings.history_until]
        yield SERVING, self._state(np.arange(len(self.user_ids)), until)

    def _next_items(self, split: int) -> Columns:
        """One query an interaction: what came next, given all that went before."""
        items = self._item_codes()
        again = pd.DataFrame({"user": self._timeline.user, "item": items, "taken": self._timeline.taken}).duplicated()
        luck = uniform_of(_objects(self._table, self._roles.item_id), self._user_ids, self._plan.seed)
        chosen = np.flatnonzero(
            (self.splits == split) & (self.weights > 0) & ~again.to_numpy() & (luck < self._sampling.of(split))
        )
        names = [self._roles.user_id, self._roles.time, *(c.name for c in self._roles.features(Table.CONTEXT))]
        known = self._table.select([name for name in names if name]).take(pa.array(chosen))
        return {
            **{name: records.as_lists(known[name]) for name in known.column_names},
            **self._user_columns(self._timeline.user[chosen]),
            **self._history(self._before(chosen, self._settings.data.history_length)),
            RELEVANT: self._ids(Windows(chosen, np.arange(len(chosen) + 1))),
            SEEN: self._ids(_distinct(self._before(chosen, None), items)),
        }

    def _held_out(self, split: int) -> Columns:
        """One query a user: all positives of the split that earlier splits do not hold."""
        items = self._item_codes()
        frame = pd.DataFrame({"user": self._timeline.user, "item": items, "row": np.arange(len(items))})
        seen = frame[self._timeline.taken & (self.splits < split)][["user", "item"]].drop_duplicates()
        positive = frame[(self.splits == split) & (self.weights > 0)].drop_duplicates(["user", "item"])
        fresh = positive.merge(seen, on=["user", "item"], how="left", indicator=True)
        fresh = fresh[fresh["_merge"] == "left_only"].sort_values(["user", "row"])
        luck = uniform_of(self.user_ids, self.user_ids, self._plan.seed)
        fresh = fresh[luck[fresh.user.to_numpy(np.int64)] < self._sampling.of(split)]
        users, counts = np.unique(fresh.user.to_numpy(np.int64), return_counts=True)
        columns = dict(self._state(users, split - 1))
        columns[RELEVANT] = self._ids(Windows(fresh.row.to_numpy(np.int64), offsets_of(counts)))
        return columns

    def _state(self, users: Ints, until: int) -> Columns:
        """Id, columns, history and seen items of users, as known at the end of the split `until`."""
        windows = self._timeline.until(until, users, self._settings.data.history_length)
        everything = _distinct(self._timeline.until(until, users, None), self._item_codes())
        ids = pa.array(self.user_ids[users], pa.string())
        return {
            self._roles.user_id: records.as_lists(ids),
            **self._user_columns(users),
            **self._history(windows),
            SEEN: self._ids(everything),
        }

    def _before(self, rows: Ints, length: int | None) -> Windows:
        kind = self._plan.kind
        return self._timeline.before(rows, length, kind is SplitKind.TIME, not self._settings.asks_next_items(kind))

    def _user_columns(self, codes: Ints) -> dict[str, pa.Array]:
        """The columns of the users table for users by number; missing where the table lacks the user."""
        if self._users is None:
            return {}
        rows = self._user_rows[codes]
        taken = self._users.take(pa.array(rows, pa.int64(), from_pandas=True))
        return {name: records.as_lists(taken[name]) for name in taken.column_names if name != self._roles.user_id}

    def _history(self, windows: Windows) -> dict[str, pa.Array]:
        columns = {HISTORY: self._ids(windows)}
        if self._roles.target:
            columns[HISTORY_TARGET] = records.windows_as_lists(
                self._table[self._roles.target], windows.rows, windows.offsets
            )
        return columns

    def _ids(self, windows: Windows) -> pa.Array:
        return records.windows_as_lists(self._table[self._roles.item_id], windows.rows, windows.offsets)

    def _item_codes(self) -> Ints:
        codes: Ints = pd.factorize(_objects(self._table, self._roles.item_id))[0].astype(np.int64)
        return codes


def _order(table: pa.Table, roles: Roles) -> Ints:
    """Rows by user, time, item and, where these do not tell them apart, all else: in whatever order they came."""
    by = [name for name in (roles.user_id, roles.time, roles.item_id) if name]
    keys = pd.DataFrame({place: table[name].to_numpy() for place, name in enumerate(by)})
    alike = keys.duplicated(keep=False).to_numpy()
    if alike.any():
        keys["else"] = ""
        keys.loc[alike, "else"] = [repr(row) for row in table.filter(pa.array(alike)).to_pylist()]
    order: Ints = keys.sort_values(list(keys.columns), kind="stable").index.to_numpy(np.int64)
    return order


def _objects(table: pa.Table, name: str) -> npt.NDArray[np.object_]:
    values: npt.NDArray[np.object_] = table[name].to_numpy().astype(object)
    return values


def _distinct(windows: Windows, items: Ints) -> Windows:
    """The windows with each item once: where it came first."""
    owner = np.repeat(np.arange(len(windows.offsets) - 1), np.diff(windows.offsets))
    first = ~pd.DataFrame({"owner": owner, "item": items[windows.rows]}).duplicated().to_numpy()
    counts = np.bincount(owner[first], minlength=len(windows.offsets) - 1)
    return Windows(windows.rows[first], offsets_of(counts))
