"""A shop before some of its items came, and after."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from benchmarks.baselines.log import Bools, Ints
from benchmarks.quality.next_items import NextItems, next_items
from benchmarks.quality.splits import by_time
from benchmarks.quality.tables import Tables

SHARES = (0.8, 0.1, 0.1)


@dataclasses.dataclass(frozen=True)
class HeldOut:
    """A data set of which some items are new.

    Attributes:
        tables: all of it.
        new: [items] which ones.
        before: without the new items, and without interactions with them.
        after: with the new items, but still without interactions with them.
    """

    tables: Tables
    new: Bools
    before: Tables
    after: Tables

    @classmethod
    def of(cls, tables: Tables, share: float, seed: int) -> HeldOut:
        """A share of the items, drawn at random, is new."""
        items = tables.items.num_rows
        new = np.zeros(items, bool)
        new[np.random.default_rng(seed).choice(items, round(items * share), replace=False)] = True
        after = tables.rows(~new[tables.log().items])
        before = dataclasses.replace(after, items=tables.items.filter(pa.array(~new)))
        return cls(tables, new, before, after)

    def queries(self, seed: int) -> tuple[NextItems, NextItems]:
        """What was taken next in the newest tenth: of the items that were known, and of the new ones.

        Nobody has taken a new item before, as far as is known.
        """
        log = self.tables.log("timestamp")
        assert log.moments is not None
        asked = next_items(log, by_time(log.moments, SHARES), seed, most=None)
        pasts: Sequence[Ints] = [past[~self.new[log.items[past]]] for past in asked.pasts]
        asked = dataclasses.replace(asked, pasts=pasts)
        of_new = self.new[log.items[asked.rows]]
        return asked.chosen(~of_new), asked.chosen(of_new)
