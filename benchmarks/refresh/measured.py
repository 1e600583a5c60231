"""A training without some items, a refresh with them, and what answers are worth after it."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from benchmarks.project import PROJECT
from benchmarks.quality.next_items import NextItems
from benchmarks.quality.schemas import published
from benchmarks.quality.servable import Servable
from benchmarks.quality.tables import Tables, movielens
from benchmarks.refresh.held_out import HeldOut
from datasets.demo_shop.shop import make_demo_shop

K, TOP = 100, 10
SHOP = "shop"


@dataclasses.dataclass(frozen=True)
class Measured:
    """What was found.

    Attributes:
        training_seconds, refresh_seconds: wall time of the whole runs.
        items, new_items: in the catalogue, and how many of them training did not have.
        met_again: share of the new items that are among the `TOP` similar items of the known item nearest to them.
        answers: by who asks for what ("known items", "new items", and both with ", new users"), what `figures` says.
    """

    training_seconds: float
    refresh_seconds: float
    items: int
    new_items: int
    met_again: float
    answers: Mapping[str, Mapping[str, float]]


def measure(source: str, schema_name: str, work: Path, share: float, seed: int) -> Measured:
    """Trains, refreshes and asks.

    Args:
        source: `SHOP`, or a folder with a MovieLens data set.
        schema_name: of a file in schema/, without its suffix.
        work: folder of everything that is written.
        share: of the items that are new.
        seed: of the draw of items, and of the queries.
    """
    work.mkdir(parents=True, exist_ok=True)
    tables, request = load(source, work)
    shop = HeldOut.of(tables, share, seed)
    for name, part in (("before", shop.before), ("after", shop.after)):
        part.write(work / name)
    schema = work / "schema.pbtxt"
    schema.write_text(published(schema_name))
    trained, _ = run(work / "before", schema, work / "root")
    refreshed, card = run(work / "after", schema, work / "root", "--refresh-catalogue")
    servable = Servable(card["run"]["pushed_path"], tables.item_names())
    answers = {}
    for name, asked in zip(("known items", "new items"), shop.queries(seed), strict=True):
        examples = asked.examples(tables, "rating", request)
        answers[name] = figures(servable, shop, asked, examples)
        strangers = [{**example, "user_id": [f"new {place}"]} for place, example in enumerate(examples)]
        answers[f"{name}, new users"] = figures(servable, shop, asked, strangers)
    return Measured(trained, refreshed, len(shop.new), int(shop.new.sum()), met_again(servable, shop), answers)


def load(source: str, work: Path) -> tuple[Tables, tuple[str, ...]]:
    """The tables, and the columns that a request has."""
    if source != SHOP:
        return movielens(Path(source), work), ("timestamp",)
    make_demo_shop(work / SHOP, file_format="parquet")
    return Tables(*(pq.read_table(work / SHOP / f"{name}.parquet") for name in ("interactions", "items", "users"))), (
        "timestamp",
        "device",
    )


def run(data: Path, schema: Path, root: Path, *more: str) -> tuple[float, dict[str, Any]]:
    """Runs the product; returns its seconds and scorecard."""
    command = [sys.executable, PROJECT / "local_runner.py", "--data", data, "--schema", schema, "--root", root, *more]
    began = time.monotonic()
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
    card = max((root / "reports").glob("*/scorecard.json"), key=lambda path: path.stat().st_mtime)
    found: dict[str, Any] = json.loads(card.read_text())
    return time.monotonic() - began, found


def figures(servable: Servable, shop: HeldOut, asked: NextItems, examples: Sequence[Any]) -> dict[str, float]:
    """What answers to next-item queries are worth."""
    lists = servable.example_lists("evaluate", examples, K)
    wanted = shop.tables.log().items[asked.rows]
    hits = lists == wanted[:, None]
    rank = np.where(hits.any(axis=1), hits.argmax(axis=1), -1)
    free = shop.tables.items.num_rows - np.array([len(set(example["history"])) for example in examples])
    return {
        "queries": len(wanted),
        "recall@100": float((rank >= 0).mean()),
        "chance": float((K / np.maximum(free, K)).mean()),
        "nDCG@10": float(np.where((rank >= 0) & (rank < TOP), 1 / np.log2(rank.clip(0) + 2), 0).mean()),
        "new items in the lists": float(shop.new[lists[lists >= 0]].mean()),
    }


def met_again(servable: Servable, shop: HeldOut) -> float:
    """Share of the new items that are among the similar items of the known item that is nearest to them."""
    names, places = shop.tables.item_names(), np.flatnonzero(shop.new)
    lists = servable.similar(names[places], len(names) - 1)
    nearest = np.array([next(item for item in row if not shop.new[item]) for row in lists])
    return float((servable.similar(names[nearest], TOP) == places[:, None]).any(axis=1).mean())
