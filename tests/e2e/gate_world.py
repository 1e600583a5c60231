"""A small shop with tastes that can be learned, large enough for the gate's usual limits; and its first night."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.e2e.forked import ForkedRun
from tests.e2e.shop import feature

USERS, ITEMS, EACH, GENRES = 500, 200, 40, 10
START, MINUTE = 1_700_000_000, 60
EPOCHS = 6  # of retrieval: enough for what is planted to be missed
LIMIT = "drift_comparator { infinity_norm { threshold: 0.2 } }"
SCHEMA = (
    feature("user", "BYTES", "user_id")
    + feature("item", "BYTES", "item_id")
    + feature("at", "INT", "time")
    + feature("stars", "FLOAT", "target")
    + feature("device", "BYTES", "context", "categorical").replace(" }\n", f" {LIMIT} }}\n")
    + feature("group", "BYTES", "user", "categorical")
    + feature("name", "BYTES", "item", "title")
    + feature("genre", "BYTES", "item", "categorical")
)
PLANTS = str(Path(__file__).with_name("plants.py"))
# The usual limits; the world is small, so some of what is told apart only by very many queries is not asked for.
# Without item-item weights, which make up for spoilt towers: a failure that nobody suffers from need not be refused.
CONFIG = """\
[retrieval]
loss = "in_batch"
dimension = 16
epochs = {epochs}
batch_size = 512
learning_rate = 0.01
item_item = false
[ranking]
dimension = 8
hidden = [16]
epochs = 3
negatives = 2
mined_rows = 4000
[evaluation]
slices = ["group", "device"]
[tuner]
epochs = {night}
[gate]
slice_size_min = 60
popularity_ratio_min = {popularity_ratio_min}
slice_popularity_ratio_min = {slice_popularity_ratio_min}
"""

Row = dict[str, Any]


def interactions() -> list[Row]:
    """Users who like two of ten genres, and take popular items of these mostly; the newest rows come last."""
    rng = np.random.default_rng(3)
    popularity = 1.0 / (1 + np.arange(ITEMS) // GENRES) ** 0.8
    rows = []
    for user in range(USERS):
        liked = rng.choice(GENRES, 2, replace=False)
        weights = np.where(np.isin(np.arange(ITEMS) % GENRES, liked), 12.0, 1.0) * popularity
        taken = rng.choice(ITEMS, EACH, replace=False, p=weights / weights.sum())
        for item in taken:
            fits = item % GENRES in liked
            stars = float(np.clip(round(rng.normal(4.2 if fits else 2.2, 0.7)), 1, 5))
            rows.append({"user": f"u{user}", "item": f"i{item}", "stars": stars})
    order = rng.permutation(len(rows))
    devices = rng.choice(["phone", "desk", "pad"], len(rows), p=[0.6, 0.3, 0.1])
    return [
        {**rows[old], "at": START + MINUTE * place, "device": str(devices[place])} for place, old in enumerate(order)
    ]


def users() -> list[Row]:
    """The small group c is a twentieth of them."""
    return [{"user": f"u{n}", "group": "c" if n % 20 == 0 else "ab"[n % 2]} for n in range(USERS)]


def items() -> list[Row]:
    """Each with a name of its own."""
    return [{"item": f"i{n}", "name": f"Item {n}", "genre": f"genre {n % GENRES}"} for n in range(ITEMS)]


@dataclasses.dataclass(frozen=True)
class Night:
    """What a run came to.

    Attributes:
        status: of the exit.
        scorecard: `scorecard.json`.
        printed: on both streams.
        root: folder of the run.
    """

    status: int
    scorecard: dict[str, Any]
    printed: str
    root: Path

    @property
    def refused(self) -> dict[str, dict[str, Any]]:
        """The rules that said no, as the report tells them."""
        return {rule["rule"]: rule for rule in self.scorecard["run"]["refused"]}

    def gate(self, rule: str) -> dict[str, Any]:
        """What a rule measured."""
        return next(gate for gate in self.scorecard["gates"] if gate["name"] == rule)


@dataclasses.dataclass
class World:
    """The shop and its root, in one place for all nights: TFX's cache knows artifacts by their paths."""

    folder: Path

    @property
    def root(self) -> Path:
        """Where runs write."""
        return self.folder / "root"

    def write(self, rows: list[Row]) -> None:
        """Writes the tables."""
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        for name, table in (("interactions", rows), ("items", items()), ("users", users())):
            pq.write_table(pa.Table.from_pylist(table), self.folder / "data" / f"{name}.parquet")

    def run(
        self,
        night: int,
        plant: tuple[str, ...] = (),
        flags: tuple[str, ...] = (),
        epochs: int = EPOCHS,
        **limits: float,
    ) -> Night:
        """A run of the real runner. Another night is another configuration, which trains nothing anew."""
        (self.folder / "schema.pbtxt").write_text(SCHEMA)
        usual = {"popularity_ratio_min": 1.0, "slice_popularity_ratio_min": 0.5}
        text = CONFIG.format(night=night, epochs=epochs, **{**usual, **limits})
        (self.folder / "config.toml").write_text(text)
        where = {"data": "data", "schema": "schema.pbtxt", "config": "config.toml", "root": "root"}
        arguments = [word for flag, name in where.items() for word in (f"--{flag}", str(self.folder / name))]
        run = ForkedRun([*arguments, *flags], self.folder / f"printed-{night}", plant=(PLANTS, *plant) if plant else ())
        status = run.status()
        reports = sorted((self.root / "reports").glob("*/scorecard.json"), key=lambda path: path.stat().st_mtime_ns)
        return Night(status, json.loads(reports[-1].read_text()) if reports else {}, run.printed, self.root)

    def keep(self) -> None:
        """Remembers the root as it is."""
        shutil.copytree(self.root, self.folder / "kept", symlinks=True)

    def restore(self) -> None:
        """Puts the root and the tables back to what was kept."""
        shutil.rmtree(self.root)
        shutil.copytree(self.folder / "kept", self.root, symlinks=True)
        self.write(interactions())

    def artifact(self, component: str, output: str) -> Path:
        """Folder of an artifact of the kept run."""
        (folder,) = (self.root / "artifacts" / component / output).iterdir()
        return folder


def first_night(folder: Path, epochs: int = EPOCHS) -> tuple[World, Night]:
    """The shop after its first run, which pushed a version; kept."""
    world = World(folder)
    world.write(interactions())
    night = world.run(night=1, epochs=epochs)
    assert night.status == 0, night.printed[-3000:]
    world.keep()
    return world, night
