"""What evaluating 100,000 rows over 10,000 items takes: seconds and memory of the components that do it."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.e2e.forked import ForkedRun, components_of
from tests.e2e.shop import feature
from tests.lenient_gate import LENIENT

pytestmark = pytest.mark.benchmark
USERS, ITEMS, ROWS = 20_000, 10_000, 100_000  # rows of train, and of eval
EVALUATING = ("Evaluator.ranking", "Evaluator.retrieval", "EndToEndEvaluation", "Gate")
SECONDS, GIBIBYTES = 180, 4.0
SCHEMA = (
    feature("user", "BYTES", "user_id")
    + feature("item", "BYTES", "item_id")
    + feature("at", "INT", "time")
    + feature("stars", "FLOAT", "target")
    + feature("part", "BYTES", "split")
    + feature("device", "BYTES", "context", "categorical")
    + feature("region", "BYTES", "user", "categorical")
    + feature("name", "BYTES", "item", "title")
    + feature("genre", "BYTES", "item", "categorical")
)
CONFIG = f"""\
[retrieval]
loss = "in_batch"
dimension = 64
epochs = 1
[ranking]
epochs = 1
mined_rows = 20000
[evaluation]
protocol = "next_item"
max_queries = {10 * ROWS}
slices = ["region", "device"]
{LENIENT}"""


def write(folder: Path) -> None:
    """The newest half of the rows is eval; a few of test, which the report asks for."""
    rng = np.random.default_rng(0)
    total = 2 * ROWS + 1000
    data = folder / "data"
    data.mkdir()
    taken = np.minimum(rng.exponential(ITEMS / 6, total).astype(int), ITEMS - 1)
    part = np.where(np.arange(total) < ROWS, "train", np.where(np.arange(total) < 2 * ROWS, "eval", "test"))
    tables = {
        "interactions": {
            "user": [f"u{n}" for n in rng.integers(USERS, size=total)],
            "item": [f"i{n}" for n in taken],
            "at": 1_700_000_000 + 10 * np.arange(total),
            "stars": rng.integers(1, 6, total).astype(float),
            "part": part.tolist(),
            "device": rng.choice(["phone", "desk", "pad"], total).tolist(),
        },
        "items": {
            "item": [f"i{n}" for n in range(ITEMS)],
            "name": [f"Item {n}" for n in range(ITEMS)],
            "genre": [f"genre {n % 20}" for n in range(ITEMS)],
        },
        "users": {"user": [f"u{n}" for n in range(USERS)], "region": [f"r{n % 10}" for n in range(USERS)]},
    }
    for name, columns in tables.items():
        pq.write_table(pa.table(columns), data / f"{name}.parquet")
    (folder / "schema.pbtxt").write_text(SCHEMA)
    (folder / "config.toml").write_text(CONFIG)


def test_a_hundred_thousand_rows(tmp_path: Path) -> None:
    write(tmp_path)
    flags = {"data": "data", "schema": "schema.pbtxt", "config": "config.toml", "root": "root"}
    arguments = [word for flag, name in flags.items() for word in (f"--{flag}", str(tmp_path / name))]
    run = ForkedRun(arguments, tmp_path / "printed")
    peaks: dict[str, float] = {}
    done = threading.Event()

    def watch() -> None:
        process = psutil.Process(run.process_id)
        while not done.is_set():
            started = components_of(run.printed)
            if started:
                with contextlib.suppress(psutil.NoSuchProcess):  # it has just ended
                    memory = process.memory_info().rss / 2**30
                    peaks[started[-1]] = max(peaks.get(started[-1], 0.0), memory)
            time.sleep(0.2)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    status = run.status()
    done.set()
    assert status == 0, run.printed[-3000:]
    card = json.loads(next((tmp_path / "root" / "reports").glob("*/scorecard.json")).read_text())
    seconds = {part["id"]: part["seconds"] for part in card["components"]}
    queries = card["metrics"]["eval"]["recommender"]["queries"]
    print(f"\n    {queries:,.0f} eval queries, {card['ranking']['eval']['rows']:,.0f} eval rows, {ITEMS:,} items")
    for name in EVALUATING:
        print(f"    {name:<22} {seconds[name]:6.1f} s, process at {peaks.get(name, float('nan')):.2f} GiB at most")
    total = sum(seconds[name] for name in EVALUATING)
    print(f"    together               {total:6.1f} s")
    assert queries > 0.9 * ROWS  # an item that the user has had is no query
    assert total < SECONDS
    assert max(peaks[name] for name in EVALUATING if name in peaks) < GIBIBYTES
