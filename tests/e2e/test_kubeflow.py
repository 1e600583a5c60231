"""The compiled pipeline, as it is shipped, executed task by task by KFP's own driver, as a cluster's launcher does."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

import kubeflow_runner
from components.publishing.object_store import PublishedObjects
from components.publishing.reports import PublishedReports
from components.report.run import PUSHED
from components.report.scorecard import Scorecard
from pipeline.kubeflow.admission import read_package
from tests.e2e.forked import ForkedRun
from tests.e2e.recommender import Recommender, assert_same
from tests.kubeflow_launcher import Launcher
from tests.s3_server import KEYS, S3Server
from tests.tiny_shop import TinyShop

SERVING = "s3://shop/serving"
KUBEFLOW = '[kubeflow]\npipeline_root = "s3://artifacts/recommender"\nretries = 1\n'


@dataclasses.dataclass
class World:
    """A shop, a published store on S3, and what has been executed.

    Attributes:
        shop: its tables.
        s3: the server.
        launcher: where tasks run.
        first: whether the first execution ended well.
    """

    shop: TinyShop
    s3: S3Server
    launcher: Launcher
    first: bool = False

    def compile(self, name: str, pipeline: str = "nightly") -> Path:
        """Compiles as a person does and returns the file."""
        config = self.shop.folder / f"{name}.toml"
        config.write_text(f"{self.shop.config}\n{KUBEFLOW}")
        package = self.shop.folder / f"{name}.yaml"
        words = ["compile", "--pipeline", pipeline]
        words += ["--data", str(self.shop.data), "--schema", str(self.shop.folder / "schema.pbtxt")]
        words += ["--config", str(config), "--serving", SERVING, "--output", str(package)]
        assert kubeflow_runner.main(words, {}) == 0
        return package

    def store(self) -> PublishedObjects:
        """What is published, looked at over HTTP."""
        return PublishedObjects(SERVING)

    def report(self) -> Scorecard:
        """What the newest run wrote down."""
        _, run = self.launcher.metadata("run-report", "report")["url"].rsplit("/", 1)
        found = PublishedReports(SERVING).scorecard(run)
        assert found is not None
        return found

    def tasks(self) -> dict[str, list[int]]:
        """The exit statuses of all tries of each task, since the last call."""
        found: dict[str, list[int]] = {}
        for attempt in self.launcher.attempts:
            found.setdefault(attempt.task, []).append(attempt.status)
        self.launcher.attempts.clear()
        return found


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """After the first execution."""
    folder = tmp_path_factory.mktemp("kubeflow")
    server = S3Server(folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (KEYS | {"AWS_ENDPOINT_URL": server.url}).items():
            patch.setenv(name, value)
        server.client().create_bucket(Bucket="shop")
        made = World(TinyShop.make(folder / "shop").write(), server, Launcher(folder / "cluster"))
        made.first = made.launcher.run(made.compile("nightly"))
        yield made
    server.stop()


def test_it_ends_with_the_servable_of_the_local_runner(world: World, tmp_path: Path) -> None:
    said = world.launcher.attempts[-1].said[-3000:]
    tasks = world.tasks()
    assert world.first, said
    spec, _ = read_package(world.shop.folder / "nightly.yaml")
    assert tasks == {name: [0] for name in spec["root"]["dag"]["tasks"]}
    for task in ("evaluator-retrieval", "evaluator-ranking", "gate", "servable-check"):
        assert world.launcher.metadata(task, "blessing")["blessed"] == 1
    (version,) = world.store().versions()
    pushed = world.launcher.metadata("pusher", "pushed_model")
    assert (pushed["pushed"], pushed["pushed_version"]) == (1, str(version))
    assert world.store().manifest(version)["baseline_version"] == 0
    report = world.report()
    assert (report.run.verdict, report.run.pushed_version) == ("pushed", str(version))
    assert report.run.pushed_path == f"{SERVING}/recommender/{version}"

    local = ForkedRun(world.shop.arguments(), tmp_path / "printed.txt")
    assert local.status() == PUSHED, local.printed
    (of_local,) = (world.shop.root / "serving" / "recommender").iterdir()
    world.store().fetch_servable(version, tmp_path / "servable")
    here, there = Recommender(tmp_path / "servable"), Recommender(of_local)
    assert_same_evidence(report, local_report(world.shop.root))
    users = [*sorted({str(row["user_id"]) for row in world.shop.interactions}), "a new one"]
    for k in (1, 10):
        assert_same([here.recommend(user, k) for user in users], [there.recommend(user, k) for user in users])
    assert_same([here.recommend("x", 5, ["i1", "i3"])], [there.recommend("x", 5, ["i1", "i3"])])


def local_report(root: Path) -> Scorecard:
    """What the only run on this machine wrote down."""
    (file,) = (root / "reports").glob("*/scorecard.json")
    return Scorecard.from_json(file.read_text())


def assert_same_evidence(here: Scorecard, there: Scorecard) -> None:
    """Two reports with the same parts and the same counts; what is measured differs by rounding."""
    assert here.data == there.data
    assert [sample.user_id for sample in here.samples] == [sample.user_id for sample in there.samples]
    assert [gate.name for gate in here.gates] == [gate.name for gate in there.gates]
    assert here.dashboards == there.dashboards and here.curves.keys() == there.curves.keys()
    for split, systems in there.metrics.items():
        for system, metrics in systems.items():
            assert here.metrics[split][system] == pytest.approx(metrics, abs=1e-3, nan_ok=True)


def test_every_task_looked_at_its_inputs_alone(world: World) -> None:
    """Each had a disk of its own, with its inputs' files only; nothing is left of them."""
    assert list((world.launcher.folder / "disks").iterdir()) == []
    assert {path.name for path in world.launcher.folder.iterdir()} == {"disks", "store"}


@pytest.mark.kubeflow
def test_the_next_night_finds_the_first_as_its_baseline_and_survives_a_kill(world: World) -> None:
    (first,) = world.store().versions()
    world.tasks()
    again = dataclasses.replace(world.launcher, kill=frozenset({"trainer-ranking"}), attempts=[])
    assert again.run(world.compile("nightly"), seed=43), again.attempts[-1].said[-3000:]
    world.launcher.attempts += again.attempts
    tasks = world.tasks()
    assert tasks.pop("trainer-ranking") == [-9, 0]
    assert set(map(tuple, tasks.values())) == {(0,)}
    before, second = world.store().versions()
    assert before == first
    assert world.store().manifest(second)["baseline_version"] == first
    assert world.launcher.metadata("baseline-models", "retriever")["found"] == 1
    assert world.launcher.metadata("baseline-models", "servable")["version"] == first


@pytest.mark.kubeflow
def test_what_the_gate_refuses_is_not_pushed(world: World) -> None:
    before = world.s3.objects("shop", "serving/recommender/")
    world.tasks()
    refusing = world.shop.config.replace("popularity_ratio_min = 0.0", "popularity_ratio_min = 1000.0")
    assert refusing != world.shop.config
    kept, world.shop.config = world.shop.config, refusing
    try:
        package = world.compile("refusing")
    finally:
        world.shop.config = kept
    assert world.launcher.run(package)  # the run itself ends well
    assert set(map(tuple, world.tasks().values())) == {(0,)}
    assert world.launcher.metadata("gate", "blessing")["blessed"] == 0
    pushed = world.launcher.metadata("pusher", "pushed_model")
    assert (pushed["pushed"], pushed["reason"]) == (0, "model_blessing refused")
    assert world.s3.objects("shop", "serving/recommender/") == before
    report = world.report()
    assert report.run.verdict == "refused" and "above_popularity" in [refusal.rule for refusal in report.run.refused]


@pytest.mark.kubeflow
def test_the_refresh_puts_the_published_models_over_the_items_of_today(world: World, tmp_path: Path) -> None:
    before = world.store().latest()
    world.tasks()
    kept = world.shop.items
    world.shop.items = [item for item in kept if item["item_id"] != "i0"]
    world.shop.items.append({"item_id": "new", "title": "Item 1", "kind": "b"})
    try:
        world.shop.write()
        package = world.compile("refresh", "refresh")
        assert world.launcher.run(package), world.launcher.attempts[-1].said[-3000:]
    finally:
        world.shop.items = kept
        world.shop.write()
    spec, _ = read_package(package)
    assert spec["pipelineInfo"]["name"] == "recommender-refresh"
    assert world.tasks() == {name: [0] for name in spec["root"]["dag"]["tasks"]}
    after = world.store().latest()
    assert before is not None and after is not None and after > before
    assert world.store().manifest(after)["models_of"] == before
    report = world.report().run
    assert (report.verdict, report.pushed_version, report.models_of) == ("pushed", str(after), before)
    for version, absent, present in ((before, "new", "i0"), (after, "i0", "new")):
        world.store().fetch_servable(version, tmp_path / str(version))
        answer = Recommender(tmp_path / str(version)).recommend_ids("a new one", len(kept) + 1)
        assert present in answer and absent not in answer
