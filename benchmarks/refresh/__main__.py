"""Trains without some items, refreshes the catalogue with them, and measures what they and new users are worth.

python -m benchmarks.refresh shop
python -m benchmarks.refresh MOVIELENS_FOLDER --schema movielens_100k

Prints a Markdown table. Takes a whole training.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
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


def main() -> None:
    """Runs as the module says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="shop, or a MovieLens folder")
    parser.add_argument("--schema", default="demo_shop", help="name of a file in schema/")
    parser.add_argument("--work", type=Path, default=Path("runs/benchmark-refresh"))
    parser.add_argument("--share", type=float, default=0.1, help="of the items that are new")
    parser.add_argument("--seed", type=int, default=7)
    flags = parser.parse_args()
    flags.work.mkdir(parents=True, exist_ok=True)
    tables, request = load(flags.source, flags.work)
    shop = HeldOut.of(tables, flags.share, flags.seed)
    for name, part in (("before", shop.before), ("after", shop.after)):
        part.write(flags.work / name)
    schema = flags.work / "schema.pbtxt"
    schema.write_text(published(flags.schema))
    trained, _ = run(flags.work / "before", schema, flags.work / "root")
    refreshed, card = run(flags.work / "after", schema, flags.work / "root", "--refresh-catalogue")
    servable = Servable(card["run"]["pushed_path"], tables.item_names())
    known, new = shop.queries(flags.seed)
    rows = {}
    for name, asked in (("known items", known), ("new items", new)):
        examples = asked.examples(tables, "rating", request)
        rows[name] = figures(servable, shop, asked, examples)
        strangers = [{**example, "user_id": [f"new {place}"]} for place, example in enumerate(examples)]
        rows[f"{name}, new users"] = figures(servable, shop, asked, strangers)
    print(f"training {trained:.0f} s, refresh {refreshed:.0f} s, {shop.new.sum()} of {len(shop.new)} items new")
    print(
        f"{met_again(servable, shop):.0%} are among the {TOP} similar items of the known item that is nearest to them"
    )
    print("| | " + " | ".join(next(iter(rows.values()))) + " | × chance |\n" + "|---" * 7 + "|")
    for name, row in rows.items():
        print(
            f"| {name} | {row['queries']:,} | "
            + " | ".join(f"{value:.3f}" for key, value in row.items() if key != "queries")
            + f" | {row['recall@100'] / row['chance']:.2f} |"
        )


if __name__ == "__main__":
    main()
