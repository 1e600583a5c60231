"""A shop of a few hundred rows in Parquet files, to be spoiled as a test likes, and the runner called on it."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from local_runner import main
from tests.lenient_gate import LENIENT

Row = dict[str, Any]
Change = Callable[["TinyShop"], object]
START, HOUR = 1_600_000_000, 3600

SCHEMA = """\
feature { name: "user_id" type: BYTES presence { min_fraction: 1.0 } annotation { tag: "user_id" } }
feature { name: "item_id" type: BYTES presence { min_fraction: 1.0 } annotation { tag: "item_id" } }
feature { name: "time" type: INT presence { min_fraction: 1.0 } annotation { tag: "time" } }
feature { name: "stars" type: FLOAT float_domain { min: 1 max: 5 } annotation { tag: "target" } }
feature { name: "title" type: BYTES annotation { tag: "item" tag: "title" } }
feature { name: "kind" type: BYTES annotation { tag: "item" tag: "categorical" } }
"""
# As quick as a run can be, and pushed whatever comes out.
CONFIG = f"""\
[retrieval]
loss = "in_batch"
epochs = 1
dimension = 8
[ranking]
epochs = 1
dimension = 4
hidden = [8]
{LENIENT}"""


@dataclasses.dataclass
class TinyShop:
    """Everything that a run reads.

    Attributes:
        folder: where `write` puts the files.
        interactions, items: rows of the tables.
        schema: the annotated schema's text.
        config: the configuration's text.
    """

    folder: Path
    interactions: list[Row]
    items: list[Row]
    schema: str = SCHEMA
    config: str = CONFIG

    @classmethod
    def make(cls, folder: Path, rows: int = 600, items: int = 50, users: int = 40) -> TinyShop:
        """Users who take items at random, some of which are more popular."""
        rng = np.random.default_rng(1)
        taken = np.minimum(rng.exponential(items / 3, rows).astype(int), items - 1)
        who, stars = rng.integers(users, size=rows), rng.integers(1, 6, rows)
        interactions = [
            {"user_id": f"u{who[n]}", "item_id": f"i{taken[n]}", "time": START + HOUR * n, "stars": float(stars[n])}
            for n in range(rows)
        ]
        catalogue = [{"item_id": f"i{n}", "title": f"Item {n}", "kind": "abc"[n % 3]} for n in range(items)]
        return cls(folder, interactions, catalogue)

    @property
    def data(self) -> Path:
        """The folder of the tables."""
        return self.folder / "data"

    @property
    def root(self) -> Path:
        """The folder of what runs write."""
        return self.folder / "root"

    def write(self) -> TinyShop:
        """Writes the tables, schema and configuration."""
        self.data.mkdir(parents=True, exist_ok=True)
        for table, rows in (("interactions", self.interactions), ("items", self.items)):
            pq.write_table(pa.Table.from_pylist(rows), self.data / f"{table}.parquet")
        (self.folder / "schema.pbtxt").write_text(self.schema)
        (self.folder / "config.toml").write_text(self.config)
        return self

    def write_database(self, location: str) -> None:
        """Writes the tables into a database instead."""
        engine = sa.create_engine(location)
        kinds: dict[type, Any] = {str: sa.Text(), int: sa.BigInteger(), float: sa.Float()}
        with engine.begin() as connection:
            for name, rows in (("interactions", self.interactions), ("items", self.items)):
                columns: list[Any] = [sa.Column(key, kinds[type(value)]) for key, value in rows[0].items()]
                table = sa.Table(name, sa.MetaData(), *columns)
                table.drop(connection, checkfirst=True)
                table.create(connection)
                connection.execute(table.insert(), rows)
        engine.dispose()

    def arguments(self, **flags: str) -> list[str]:
        """What the runner is called with; flags replace or add to the usual ones."""
        usual = {
            "data": str(self.data),
            "schema": str(self.folder / "schema.pbtxt"),
            "config": str(self.folder / "config.toml"),
            "root": str(self.root),
        }
        return [word for name, value in (usual | flags).items() for word in (f"--{name}", value)]

    def run(self, **flags: str) -> int:
        """Runs the runner in this process and returns its exit status."""
        return main(self.arguments(**flags))

    def pretend_earlier_run(self) -> dict[Path, str]:
        """Leaves what an earlier run may have left and returns its digests: a version, a report."""
        for name in ("serving/recommender/5/saved_model.pb", "reports/earlier/scorecard.json", "artifacts/Gate/1/x"):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(f"what an earlier run wrote to {name}")
        return self.earlier_results()

    def earlier_results(self) -> dict[Path, str]:
        """Digests of everything in the root but what every run adds: its log and the lock."""
        files = [file for file in sorted(self.root.rglob("*")) if file.is_file()]
        kept = [file for file in files if file.relative_to(self.root).parts[0] not in ("logs", ".lock")]
        return {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in kept}


def cell(table: str, row: int, **cells: Any) -> Change:
    """Sets cells of a row."""

    def change(shop: TinyShop) -> None:
        rows = getattr(shop, table)
        rows[row] = rows[row] | cells

    return change
