"""Runs that are killed in every component, and reruns: what the cache serves, what a refusing gate does."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
from ml_metadata import metadata_store
from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration import metadata

from components.publishing.store import PublishedStore
from tests.e2e.forked import ForkedRun
from tests.tiny_shop import TinyShop

pytestmark = pytest.mark.e2e
PROJECT = Path(__file__).parents[2]
_DONE = re.compile(r"\[ *\d+/\d+\] (\S+) +(cached|[\d.]+ s)")


@dataclasses.dataclass
class Runs:
    """One root after another run.

    Attributes:
        shop: its tables and root.
        first: the version that was served before any run was killed.
        seconds: by component, how long it took in the first run.
        log: what the last run printed.
        number: of the next run.
    """

    shop: TinyShop
    first: int
    seconds: dict[str, float]
    log: str = ""
    number: Iterator[int] = dataclasses.field(default_factory=itertools.count)

    @property
    def store(self) -> PublishedStore:
        """The published versions."""
        return PublishedStore(self.shop.root / "serving")

    def start(self, attributes: Mapping[str, Any] | None = None) -> ForkedRun:
        """Starts a run on the same root."""
        output = self.shop.folder / f"printed-{next(self.number)}"
        return ForkedRun(self.shop.write().arguments(), output, attributes)

    def finish(self, run: ForkedRun) -> int:
        """Waits for the end of a run; returns its exit status."""
        status = run.status()
        self.log = run.printed
        return status


def components_of(log: str) -> dict[str, str]:
    """What a run printed beside each component that it finished: "cached", or how long it took."""
    found = dict.fromkeys(re.findall(r"\[ *\d+/\d+\] (\S+)", log), "")
    return found | dict(_DONE.findall(log))


def digests(folder: Path) -> dict[Path, str]:
    """A digest of every file below a folder."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """A finished run, which pushed a version."""
    shop = TinyShop.make(tmp_path_factory.mktemp("shop"))
    runs = Runs(shop, 0, {})
    assert runs.finish(runs.start()) == 0, runs.log
    card = json.loads(next(shop.root.glob("reports/*/scorecard.json")).read_text())
    runs.seconds = {component["id"]: component["seconds"] for component in card["components"]}
    latest = runs.store.latest()
    assert latest
    runs.first = latest
    return runs


def test_quiet(runs: Runs) -> None:
    """A person sees progress and results, no warnings."""
    lines = runs.log.splitlines()
    end = next(number for number, line in enumerate(lines) if line.startswith("Pushed version"))
    epochs = r"        (retrieval( by \w+)?|ranking) epoch 1/1  |        retrieval by \w+: nDCG@10 "
    shown = rf"run  |source  |report  |\[[ \d]\d/\d+\] \S+ +|{epochs}| +[\d.]+ s$"
    assert [line for line in lines[:end] if not re.match(shown, line)] == []
    assert [line for line in lines[end:] if re.search("warn|error|deprecat|Traceback|tensorflow", line, re.I)] == []
    assert f"[ 1/{len(runs.seconds)}]" in runs.log


def test_unchanged_is_cached(runs: Runs) -> None:
    before = digests(runs.shop.root / "serving")
    assert runs.finish(runs.start()) == 0
    assert set(components_of(runs.log).values()) == {"cached"}
    assert set(components_of(runs.log)) == set(runs.seconds)
    assert f"Pushed version {runs.first}" in runs.log
    assert digests(runs.shop.root / "serving") == before


def test_killed_in_each_component(runs: Runs) -> None:
    served = runs.store.servable_path(runs.first)
    before, reports = digests(served), digests(runs.shop.root / "reports")
    runs.shop.interactions.pop()  # so that everything but the schema has to be made anew
    for component, seconds in runs.seconds.items():
        run = runs.start()
        assert run.wait_for(component), run.printed
        if component == "Trainer.retrieval":
            assert_no_second_run(runs)
        time.sleep(min(seconds / 2, 5.0))
        run.kill()
        assert digests(served) == before
        assert set(runs.store.versions()) >= {runs.first}
    assert digests(runs.shop.root / "reports") == reports

    assert runs.finish(runs.start()) == 0, runs.log
    states = components_of(runs.log)
    assert set(states) == set(runs.seconds)
    assert {name for name, state in states.items() if state != "cached"} <= {"Gate", "ServableCheck", "Pusher"}
    assert_nothing_half_written_is_used(runs)
    latest = runs.store.latest()
    assert latest and latest > runs.first
    assert f"Pushed version {latest}" in runs.log
    assert {path.name for path in served.parent.iterdir()} == {str(version) for version in runs.store.versions()}
    assert {path.name for path in (served.parents[1] / "baseline").iterdir()} == {
        str(version) for version in runs.store.versions()
    }
    for version in runs.store.versions():
        model = tf.saved_model.load(str(runs.store.servable_path(version)))
        answer = model.signatures["serving_default"](user_id=tf.constant(["u1", "nobody"]))
        assert answer["item_id"].shape == (2, 10)


def assert_no_second_run(runs: Runs) -> None:
    """A second run on the same root is refused at once, and does no harm to the first."""
    second = runs.start()
    assert second.status() == 2
    assert re.fullmatch(r"error: --root \S+: expected no other run in the same folder, received .*\n", second.printed)


def assert_nothing_half_written_is_used(runs: Runs) -> None:
    """All artifacts of the newest run were made by executions that came to their end."""
    config = metadata.sqlite_metadata_connection_config(str(runs.shop.root / "metadata.db"))
    store = metadata_store.MetadataStore(config)
    newest = max(store.get_contexts_by_type("pipeline_run"), key=lambda context: context.id)
    executions = store.get_executions_by_context(newest.id)
    done = (metadata_store_pb2.Execution.COMPLETE, metadata_store_pb2.Execution.CACHED)
    assert len(executions) == len(runs.seconds)
    assert {execution.last_known_state for execution in executions} <= set(done)
    makers = {execution.id: execution for execution in store.get_executions()}
    uris = [artifact.uri for artifact in store.get_artifacts_by_context(newest.id)]
    assert len(uris) > len(executions)
    for uri in uris:
        assert makers[int(Path(uri).name)].last_known_state == metadata_store_pb2.Execution.COMPLETE
        assert Path(uri).exists()


def test_a_gate_that_refuses(runs: Runs) -> None:
    """Nothing but the gate and what follows it runs again."""
    before = digests(runs.shop.root / "serving")
    config = runs.shop.config
    runs.shop.config = config.replace("popularity_ratio_min = 0.0", "popularity_ratio_min = 1000.0")
    assert runs.finish(runs.start()) == 3
    states = components_of(runs.log)
    assert {name for name, state in states.items() if state != "cached"} == {"Gate", "Pusher"}
    assert "Not pushed: refused by above_popularity" in runs.log
    assert re.search(r"above_popularity: [\d.]+ against a limit of [\d.]+, off by [\d.]+", runs.log)
    assert digests(runs.shop.root / "serving") == before

    assert runs.finish(runs.start()) == 3  # from the cache, too
    assert set(components_of(runs.log).values()) == {"cached"}
    runs.shop.config = config


def change_data(shop: TinyShop) -> None:
    shop.interactions[5]["stars"] = 6.0 - shop.interactions[5]["stars"] + (shop.interactions[5]["stars"] == 3.0)


def change_schema(shop: TinyShop) -> None:
    shop.schema = shop.schema.replace("max: 5", "max: 5.5")


def change_data_config(shop: TinyShop) -> None:
    shop.config += "[data]\nhistory_length = 7\n"


def change_training(shop: TinyShop) -> None:
    shop.config = shop.config.replace("epochs = 1", "epochs = 2", 1)


@pytest.mark.parametrize(
    ("change", "first", "wait"),
    [
        (change_data, "TableExampleGen", "TableSchemas"),
        (change_data_config, "TableExampleGen", "TableSchemas"),
        (change_schema, "AnnotatedSchema", "TableExampleGen"),
        (change_training, "Trainer.retrieval", "Trainer.retrieval"),
    ],
)
def test_changed_is_not_cached(runs: Runs, change: Callable[[TinyShop], None], first: str, wait: str) -> None:
    """The first component that depends on the change, and, of those before it, all but the choice of a baseline."""
    shop = runs.shop
    runs.shop = TinyShop(shop.folder, [dict(row) for row in shop.interactions], shop.items, shop.schema, shop.config)
    change(runs.shop)
    run = runs.start()
    assert run.wait_for(wait), run.printed
    time.sleep(0.5)
    run.kill()
    states = components_of(run.printed)
    names = list(states)
    assert states[first] != "cached"
    earlier = set(names[: names.index(first)]) - {"BaselineModels"}
    assert {states[name] for name in earlier} <= {"cached"}
    runs.shop = shop


def test_changed_code_is_not_cached(runs: Runs, tmp_path: Path) -> None:
    for package in ("components", "modules", "pipeline"):
        shutil.copytree(PROJECT / package, tmp_path / package)
    with (tmp_path / "modules" / "retrieval.py").open("a") as file:
        file.write("# changed\n")
    run = runs.start({"PROJECT": tmp_path})
    assert run.wait_for("TableSchemas"), run.printed
    run.kill()
    states = components_of(run.printed)
    assert states["AnnotatedSchema"] == "cached" and states["TableExampleGen"] != "cached"
