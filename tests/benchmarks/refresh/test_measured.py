"""What a refresh promises of new items of the demo shop, and how long it may take. A whole training: five minutes."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.refresh.__main__ import table
from benchmarks.refresh.measured import SHOP, Measured, measure

MET, SECONDS = 3, 90  # times chance; of wall time


@pytest.mark.benchmark
def test_new_items_of_the_demo_shop_are_found_after_a_quick_refresh(tmp_path: Path) -> None:
    found = measure(SHOP, "demo_shop", tmp_path, share=0.1, seed=7)
    print(table(found))
    assert (found.items, found.new_items) == (800, 80)
    for name in ("new items", "new items, new users"):
        asked = found.answers[name]
        assert asked["queries"] > 500
        assert asked["recall@100"] >= MET * asked["chance"], name
    assert found.refresh_seconds < SECONDS


def test_the_table() -> None:
    row = {"queries": 1200, "recall@100": 0.5, "chance": 0.125, "nDCG@10": 0.1, "new items in the lists": 0.2}
    assert table(Measured(270.4, 59.6, 800, 80, 0.987, {"new items": row})).splitlines() == [
        "training 270 s, refresh 60 s, 80 of 800 items new",
        "99% are among the 10 similar items of the known item that is nearest to them",
        "| | queries | recall@100 | chance | nDCG@10 | new items in the lists | × chance |",
        "|---|---|---|---|---|---|---|",
        "| new items | 1,200 | 0.500 | 0.125 | 0.100 | 0.200 | 4.00 |",
    ]
