"""Runs elsewhere than in the runner's process: workers of another environment, a Flink cluster that loses a part."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from datasets.movielens.importer import import_movielens
from deploy.flink import parts
from deploy.flink.cluster import JOB_MANAGER, JOB_SERVER, WORKERS, Cluster, Ports
from tests.e2e.recommender import Recommender
from tests.tiny_shop import TinyShop

pytestmark = pytest.mark.flink
PROJECT = Path(__file__).parents[3]
MOVIELENS = Path(os.environ.get("RECSYS_DATA", PROJECT.parent / "shared" / "data")) / "ml-100k"
PATIENCE = 3600.0  # seconds
REFERENCE_SERVER = "apache_beam.runners.portability.local_job_service_main"


@dataclasses.dataclass(frozen=True)
class Runs:
    """Runs of the runner on the same tables, each in a process of its own and with a root of its own.

    Attributes:
        folder: of the roots.
        data: the folder of the tables.
        arguments: of the runner, but for the root.
    """

    folder: Path
    data: Path
    arguments: list[str]

    def root(self, name: str) -> Path:
        return self.folder / name

    def begin(self, name: str, beam: list[str]) -> subprocess.Popen[str]:
        command = [sys.executable, "local_runner.py", *self.arguments, "--root", str(self.root(name)), "--", *beam]
        return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run(self, name: str, beam: list[str]) -> Path:
        with self.begin(name, beam) as process:
            said, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said
        return self.root(name)

    def direct(self) -> Path:
        """Root of a run in the runner's own process; the first call runs it."""
        return self.root("direct") if self.root("direct").exists() else self.run("direct", [])

    def users(self) -> list[str]:
        """Ids of the users, and one whom nobody knows."""
        ids = pq.read_table(self.data / "interactions.parquet", columns=["user_id"])["user_id"]
        return [*sorted({str(one) for one in ids.to_pylist()}), "nobody"]


def examples(root: Path) -> dict[str, str]:
    """Digests of the examples, by file."""
    files = sorted(root.glob("artifacts/TableExampleGen/*/*/Split-*/*"))
    return {
        "/".join((file.parts[-4], *file.parts[-2:])): hashlib.sha256(file.read_bytes()).hexdigest() for file in files
    }


def vocabularies(root: Path) -> dict[str, bytes]:
    """The vocabularies of the Transform graph, by name."""
    files = root.glob("artifacts/Transform/transform_graph/*/transform_fn/assets/*")
    return {file.name: file.read_bytes() for file in sorted(files)}


def recommended(root: Path, users: list[str]) -> dict[str, list[list[object]]]:
    """What the pushed servable recommends, ids and scores."""
    (version,) = (root / "serving" / "recommender").iterdir()
    padding = [[""]] * len(users)
    answer = Recommender(version).ask("recommend", user_id=users, history=padding, exclude=padding, k=10)
    return {name: answer[name].tolist() for name in ("item_id", "score")}


def assert_equal(one: Path, other: Path, users: list[str]) -> None:
    """The same examples, the same vocabularies, the same recommendations."""
    assert len(examples(one)) >= 7  # three splits of interactions, three of queries, the catalogue
    assert examples(one) == examples(other)
    assert vocabularies(one) and vocabularies(one) == vocabularies(other)
    assert recommended(one, users) == recommended(other, users)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Runs on a few hundred rows."""
    shop = TinyShop.make(tmp_path_factory.mktemp("shop")).write()
    arguments = ["--data", str(shop.data), "--schema", str(shop.folder / "schema.pbtxt")]
    return Runs(shop.folder, shop.data, [*arguments, "--config", str(shop.folder / "config.toml")])


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory, shop: Runs) -> Runs:
    """Runs on MovieLens 100K with all defaults, or on the shop where it is not to be had."""
    if not MOVIELENS.is_dir():
        return shop
    folder = tmp_path_factory.mktemp("movielens")
    assert import_movielens(str(MOVIELENS), folder / "data")["interactions"] == 100_000
    arguments = ["--data", str(folder / "data"), "--schema", str(PROJECT / "schema" / "movielens_100k.pbtxt")]
    return Runs(folder, folder / "data", arguments)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster of which nothing runs yet."""
    cluster = Cluster(tmp_path / "cluster", Ports.free())
    yield cluster
    pids = cluster.processes.running().values()
    cluster.stop()
    assert not [pid for pid in pids if Path(f"/proc/{pid}/cmdline").exists()]


def or_skip(bring: Callable[[], object]) -> None:
    """Skips where a part is missing."""
    try:
        bring()
    except parts.MissingPart as missing:
        pytest.skip(str(missing))


def wait_until(so: Callable[[], bool], seconds: float) -> bool:
    """Whether something becomes so in time."""
    deadline = time.monotonic() + seconds
    while not so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def start_all(cluster: Cluster) -> None:
    """Starts everything, or skips."""
    for bring in (parts.java, parts.job_server_jars, parts.flink_jars, parts.worker_python):
        or_skip(bring)
    cluster.start_flink()
    cluster.start_workers()
    cluster.start_job_server()


def in_the_middle(cluster: Cluster) -> bool:
    """Whether a job has a quarter of its tasks behind it, and others under way."""
    with urllib.request.urlopen(f"http://localhost:{cluster.ports.rest}/jobs/overview", timeout=5) as answer:
        tasks = [job["tasks"] for job in json.load(answer)["jobs"] if job["state"] == "RUNNING"]
    return any(one["finished"] * 4 >= one["total"] and one["running"] for one in tasks)


def test_a_killed_task_manager_is_missed(cluster: Cluster) -> None:
    for bring in (parts.java, parts.job_server_jars, parts.flink_jars):
        or_skip(bring)
    cluster.start_flink()
    assert cluster.task_managers() == {"taskmanager1": 2, "taskmanager2": 2}
    assert len(set(cluster.processes.running().values())) == 3
    os.kill(cluster.processes.running()["taskmanager1"], signal.SIGKILL)
    assert wait_until(lambda: list(cluster.task_managers()) == ["taskmanager2"], 40)


def test_workers_of_another_environment_give_what_the_runners_own_give(cluster: Cluster, shop: Runs) -> None:
    or_skip(parts.worker_python)
    cluster.start_workers()
    cluster.processes.start(JOB_SERVER, [sys.executable, "-m", REFERENCE_SERVER, f"--port={cluster.ports.jobs}"])
    options = [option for option in cluster.beam_options() if "parallelism" not in option]
    away = shop.run("away", options)
    assert_equal(shop.direct(), away, shop.users())
    # It was they who did it: the pool says which workers it started.
    assert "Starting worker with command" in (cluster.folder / f"{WORKERS}.log").read_text()


def test_flink_gives_what_the_direct_runner_gives(cluster: Cluster, table: Runs) -> None:
    start_all(cluster)
    root = table.run("flink", cluster.beam_options())
    for name in ("taskmanager1", "taskmanager2"):  # both had work
        assert "switched from INITIALIZING to RUNNING" in (cluster.folder / f"{name}.log").read_text()
    assert_equal(table.direct(), root, table.users())


def test_a_task_manager_killed_at_work_changes_nothing(cluster: Cluster, table: Runs) -> None:
    start_all(cluster)
    with table.begin("killed", cluster.beam_options()) as process:
        transform = table.root("killed") / "artifacts" / "Transform"

        def now() -> bool:
            return process.poll() is not None or (transform.exists() and in_the_middle(cluster))

        assert wait_until(now, PATIENCE)
        os.kill(cluster.processes.running()["taskmanager1"], signal.SIGKILL)
        said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    assert list(cluster.task_managers()) == ["taskmanager2"]
    assert "to RESTARTING" in (cluster.folder / f"{JOB_MANAGER}.log").read_text()  # the job was hit
    assert_equal(table.direct(), table.root("killed"), table.users())
