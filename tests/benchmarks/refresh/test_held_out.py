"""What is held out is nowhere before, and in the catalogue alone after."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from benchmarks.quality.tables import Tables
from benchmarks.refresh.held_out import HeldOut


def shop() -> Tables:
    """Four items, taken in turn by two users; 40 moments."""
    rows = [{"user_id": "ab"[n % 2], "item_id": f"i{n % 4 + 4 * (n // 8)}", "timestamp": n} for n in range(40)]
    items = [{"item_id": f"i{n}"} for n in range(24)]
    return Tables(pa.Table.from_pylist(rows), pa.Table.from_pylist(items), None)


def test_new_items_are_known_to_the_catalogue_of_after_alone() -> None:
    found = HeldOut.of(shop(), 0.25, seed=1)
    names = found.tables.item_names()
    new = set(names[found.new])
    assert len(new) == 6
    assert set(found.before.item_names()) == set(names) - new
    assert set(found.after.item_names()) == set(names)
    for part in (found.before, found.after):
        assert not new & set(part.column("item_id"))
    assert HeldOut.of(shop(), 0.25, seed=1).new.tolist() == found.new.tolist()


def test_queries_know_no_new_items() -> None:
    # The newest tenth are the moments 36 to 39: items 16 to 19, each taken for the first time in 32 to 35 or now.
    tables = shop()
    found = HeldOut.of(tables, 0.25, seed=1)
    log = tables.log("timestamp")
    known, new = found.queries(seed=1)
    assert not found.new[log.items[known.rows]].any()
    assert found.new[log.items[new.rows]].all()
    for asked in (known, new):
        for row, past in zip(asked.rows, asked.pasts, strict=True):
            assert not found.new[log.items[past]].any()
            assert (np.asarray(tables.column("timestamp"))[past] < tables.column("timestamp")[row]).all()
