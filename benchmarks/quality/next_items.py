"""Next-item queries: what a user took next, given all that was known a moment before."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.baselines.log import Ints, Log, binary
from benchmarks.quality.queries import Queries
from benchmarks.quality.splits import Splits
from benchmarks.quality.tables import Tables

MOST = 5000


@dataclasses.dataclass(frozen=True)
class NextItems:
    """Queries of interactions.

    Attributes:
        rows: [Q] the interaction that each query is about.
        queries: the same questions with numbers for ids.
        pasts: Q arrays of the interactions known, oldest first.
    """

    rows: Ints
    queries: Queries
    pasts: Sequence[Ints]

    def chosen(self, keep: Any) -> NextItems:
        """Some of the queries, by mask."""
        places = np.flatnonzero(keep)
        q = self.queries
        return NextItems(
            self.rows[places],
            Queries(q.users[places], q.histories[places], q.blocked[places], q.relevant[places]),
            [self.pasts[place] for place in places],
        )

    def examples(self, tables: Tables, target: str, request: Sequence[str]) -> list[dict[str, list[Any]]]:
        """The queries as raw columns, for `evaluate`.

        Args:
            tables: the data set.
            target: the column of the target.
            request: columns of the interactions that are known at request time.
        """
        users, items = (tables.column(name).astype(str).astype(object) for name in ("user_id", "item_id"))
        targets = tables.column(target)
        columns = {name: tables.column(name).tolist() for name in request}
        found = []
        for row, past in zip(self.rows, self.pasts, strict=True):
            before = items[past].tolist()
            known = {"user_id": [users[row]], "history": before, "seen_items": before}
            known["history_target"] = [float(value) for value in targets[past]]
            found.append({**known, **{name: [values[row]] for name, values in columns.items()}})
        return found


def next_items(log: Log, splits: Splits, seed: int, most: int | None = MOST) -> NextItems:
    """The queries of the test split.

    What is known of a user are the interactions strictly before the moment, also those of the test split.

    Args:
        log: all interactions, with moments.
        splits: [n] of each.
        seed: of the choice where there are too many.
        most: about how many queries; None for all.
    """
    assert log.moments is not None
    order = np.lexsort((log.moments, log.users))
    starts = np.searchsorted(log.users[order], np.arange(log.num_users))
    asked = np.flatnonzero(splits == "test")
    if most is not None and len(asked) > most:
        asked = np.sort(np.random.default_rng(seed).choice(asked, most, replace=False))
    rows, pasts = [], []
    ends = np.append(starts[1:], len(order))
    for row in asked:
        own = order[starts[log.users[row]] : ends[log.users[row]]]
        past = own[: np.searchsorted(log.moments[own], log.moments[row])]
        if log.items[row] not in log.items[past]:
            rows.append(row)
            pasts.append(past)
    chosen = np.array(rows, np.int64)
    owners = np.repeat(np.arange(len(pasts)), [len(past) for past in pasts])
    shape = (len(chosen), log.num_items)
    known = log.items[np.concatenate([*pasts, np.empty(0, np.int64)]).astype(np.int64)]
    histories = binary(owners, known, shape)
    relevant = binary(np.arange(len(chosen)), log.items[chosen], shape)
    return NextItems(chosen, Queries(log.users[chosen], histories, histories, relevant), pasts)
