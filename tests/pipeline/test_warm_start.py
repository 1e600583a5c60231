"""Going on from the last published models, through the Trainers."""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path

import pytest

from components.absence import is_left_out
from components.artifacts import TrainingState as StateArtifact
from components.folder_digest import folder_digest
from components.publishing.baseline import Baseline
from components.publishing.store import PublishedStore
from modules.training_choice import TrainingChoice
from modules.training_state import TrainingState
from modules.warm_start_config import WarmStartConfig
from tests.gadget_run import RANKING, RETRIEVAL, GadgetRun

SHARED = ("AnnotatedSchema", "TableSchemas", "TableExampleGen", "Transform")
NAMES = ("retrieval", "ranking")


def _after(gadgets_run: GadgetRun, folder: Path, published: bool = True, **sections: object) -> GadgetRun:
    """A run with a warm start whose published version is that of `gadgets_run`."""
    run = GadgetRun(folder, warm_start=WarmStartConfig(enabled=True), **sections).after(gadgets_run, *SHARED)
    states = {f"{name}_state": gadgets_run.artifact(f"Trainer.{name}", "state") for name in NAMES}
    if published:
        run.given("BaselineModels", **states)
    return run


def test_both_trainings_go_on(gadgets_run: GadgetRun, tmp_path: Path) -> None:
    run = _after(gadgets_run, tmp_path)
    for name, epochs in (("retrieval", RETRIEVAL.epochs), ("ranking", RANKING.epochs)):
        assert epochs is not None
        earlier, later = (one.artifact(f"Trainer.{name}", "state").uri for one in (gadgets_run, run))
        choice = TrainingChoice.read(later)
        assert choice.planned == -(-epochs // 4) and 1 <= choice.passes <= choice.planned
        begun, ended = TrainingState.read(earlier), TrainingState.read(later)
        assert [one.name for one in begun.weights] == [one.name for one in ended.weights]
        assert {one.rows_of for one in ended.weights} >= {
            "user_id",
            "item_id",
            "device",
            "city",
            "title",
            "genres",
            None,
        }
        assert ended.iterations > begun.iterations
        assert begun.architecture == ended.architecture
        kinds = [one.parts.keys() for one in ended.weights if one.name.endswith("embeddings:0")]
        assert kinds and all(parts == {"value", "m", "v"} for parts in kinds)


def test_another_architecture_begins_from_nothing(
    gadgets_run: GadgetRun, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = dataclasses.replace(RETRIEVAL, dimension=6, epochs=2)
    run = _after(gadgets_run, tmp_path, retrieval=other)
    with caplog.at_level(logging.INFO, "absl"):
        assert TrainingChoice.read(run.artifact("Trainer.retrieval", "state").uri).planned == 2
    lines = [record.getMessage() for record in caplog.records if "begins from nothing" in record.getMessage()]
    assert lines == ["progress: retrieval by in_batch begins from nothing: dimension was 8, is 6"]


def test_a_published_state_becomes_an_artifact(tmp_path: Path) -> None:
    store, model, state = PublishedStore(tmp_path / "serving"), tmp_path / "model", tmp_path / "state"
    for folder, file in ((model, "saved_model.pb"), (state, "training.json")):
        folder.mkdir()
        (folder / file).write_text(file)
    with_state = store.publish(model, {"retrieval_state": state}, {})
    found = {}
    for version in (with_state, 0):
        artifact = StateArtifact()
        artifact.uri = str(tmp_path / f"artifact{version}")
        digests = {"retrieval_state": folder_digest(state)}
        Baseline(store, version, digests, "").offer(artifact, "retrieval_state", Path(artifact.uri))
        found[version] = [file.name for file in Path(artifact.uri).iterdir()], is_left_out(artifact)
    assert found == {with_state: (["training.json"], False), 0: ([], True)}
