"""Runs elsewhere than in the runner's process: workers of another environment, a Flink cluster that loses a part."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.flink import parts
from deploy.flink.cluster import JOB_SERVER, WORKERS, Cluster, Ports
from tests.e2e.recommender import Recommender
from tests.tiny_shop import TinyShop

pytestmark = pytest.mark.flink
PROJECT = Path(__file__).parents[3]
REFERENCE_SERVER = "apache_beam.runners.portability.local_job_service_main"


class Runs:
    """Runs of the runner on one tiny shop, each in a process of its own and with a root of its own."""

    def __init__(self, folder: Path) -> None:
        self.shop = TinyShop.make(folder).write()

    def begin(self, name: str, beam: list[str]) -> subprocess.Popen[str]:
        root = self.shop.folder / name
        command = [sys.executable, "local_runner.py", *self.shop.arguments(root=str(root)), "--", *beam]
        return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run(self, name: str, beam: list[str]) -> Path:
        with self.begin(name, beam) as process:
            said, _ = process.communicate(timeout=1800)
        assert process.returncode == 0, said
        return self.shop.folder / name


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
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """The shop."""
    return Runs(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def direct(runs: Runs) -> Path:
    """Root of a run in the runner's own process."""
    return runs.run("direct", [])


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


def users_of(runs: Runs) -> list[str]:
    """Ids of the users, and one whom nobody knows."""
    return [*sorted({row["user_id"] for row in runs.shop.interactions}), "nobody"]


def wait_until(so: Callable[[], bool], seconds: float) -> bool:
    """Whether something becomes so in time."""
    deadline = time.monotonic() + seconds
    while not so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def test_a_killed_task_manager_is_missed(cluster: Cluster) -> None:
    or_skip(parts.java)
    or_skip(parts.flink_jars)
    cluster.start_flink()
    assert cluster.task_managers() == {"taskmanager1": 2, "taskmanager2": 2}
    assert len(set(cluster.processes.running().values())) == 3
    os.kill(cluster.processes.running()["taskmanager1"], signal.SIGKILL)
    assert wait_until(lambda: list(cluster.task_managers()) == ["taskmanager2"], 40)


def test_workers_of_another_environment_give_what_the_runners_own_give(
    cluster: Cluster, runs: Runs, direct: Path
) -> None:
    or_skip(parts.worker_python)
    cluster.start_workers()
    cluster.processes.start(JOB_SERVER, [sys.executable, "-m", REFERENCE_SERVER, f"--port={cluster.ports.jobs}"])
    options = [option for option in cluster.beam_options() if "parallelism" not in option]
    away = runs.run("away", options)
    assert_equal(direct, away, users_of(runs))
    # It was they who did it: the pool says which workers it started.
    assert "Starting worker with command" in (cluster.folder / f"{WORKERS}.log").read_text()


def start_all(cluster: Cluster) -> None:
    """Starts everything, or skips."""
    for bring in (parts.java, parts.job_server_jar, parts.flink_jars, parts.worker_python):
        or_skip(bring)
    cluster.start_flink()
    cluster.start_workers()
    cluster.start_job_server()


def test_flink_gives_what_the_direct_runner_gives(cluster: Cluster, runs: Runs, direct: Path) -> None:
    start_all(cluster)
    assert_equal(direct, runs.run("flink", cluster.beam_options()), users_of(runs))


def test_a_task_manager_killed_at_work_changes_nothing(cluster: Cluster, runs: Runs, direct: Path) -> None:
    start_all(cluster)
    root = runs.shop.folder / "killed"
    shutil.rmtree(root, ignore_errors=True)
    with runs.begin("killed", cluster.beam_options()) as process:
        assert wait_until(lambda: any(free < 2 for free in cluster.task_managers().values()), 600)
        busiest = min(cluster.task_managers().items(), key=lambda one: one[1])[0]
        os.kill(cluster.processes.running()[busiest], signal.SIGKILL)
        said, _ = process.communicate(timeout=1800)
    assert process.returncode == 0, said
    assert len(cluster.task_managers()) == 1
    assert_equal(direct, root, users_of(runs))
