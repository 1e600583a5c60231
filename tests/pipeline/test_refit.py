"""The refit: the same components once more, from more rows, behind the same gate."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tfx.types import standard_artifacts
from tfx.types.artifact import Artifact

from components.absence import is_left_out
from components.artifacts import CandidateIndex, Metrics
from components.blessing import INFRA_MARKERS, bless, is_blessed
from components.publishing.store import PublishedStore
from components.training.refit_config import RefitConfig
from modules.errors import InputError
from modules.item_popularity import ItemPopularity
from modules.roles import HISTORY
from modules.training_choice import TrainingChoice
from modules.training_data import CANDIDATE_ROW, read_training_data
from tests import gadgets
from tests.gadget_run import GadgetRun

STAGES = ("Trainer.retrieval", "CandidateIndexer", "Trainer.ranking", "RecommenderBuilder")


@pytest.fixture(scope="module")
def run(gadgets_run: GadgetRun, tmp_path_factory: pytest.TempPathFactory) -> GadgetRun:
    """A run with refit whose evaluation is over."""
    folder = tmp_path_factory.mktemp("refit")
    run = GadgetRun(folder, refit=RefitConfig(("eval", "test")))
    shared = ("AnnotatedSchema", "TableSchemas", "TableExampleGen", "Transform", *STAGES, "ServableCheck")
    run.after(gadgets_run, *shared)
    metrics = Metrics()
    metrics.uri = str(folder / "metrics")
    Path(metrics.uri).mkdir()
    (Path(metrics.uri) / Metrics.FILE).write_text("{}")
    run.given("EndToEndEvaluation", metrics=metrics)
    return run


def _judged(run: GadgetRun, folder: Path, passed: bool) -> None:
    blessing = standard_artifacts.ModelBlessing()
    blessing.uri = str(folder)
    bless(blessing, passed)
    run.given("Gate", blessing=blessing)


def test_no_refit_unless_asked(gadgets_run: GadgetRun) -> None:
    assert not [node for node in gadgets_run.nodes if "efit" in node]


def test_a_refused_gate_means_no_training(run: GadgetRun, tmp_path: Path) -> None:
    _judged(run, tmp_path, passed=False)
    pushed = run.artifact("Pusher", "pushed_model")
    assert pushed.get_int_custom_property("pushed") == 0
    assert pushed.get_string_custom_property("reason") == "model_blessing refused; infra_blessing refused"
    for stage in STAGES:
        output = "index" if stage == "CandidateIndexer" else "model"
        made = run.artifact(f"{stage}.refit", output)
        assert is_left_out(made) and not list(Path(made.uri).iterdir())


@pytest.fixture(scope="module")
def passed(run: GadgetRun, tmp_path_factory: pytest.TempPathFactory) -> GadgetRun:
    """The run, let out by the gate."""
    _judged(run, tmp_path_factory.mktemp("passed"), passed=True)
    return run


def test_what_a_passed_gate_lets_out(passed: GadgetRun) -> None:
    run = passed
    pushed: Artifact = run.artifact("Pusher", "pushed_model")
    assert pushed.get_int_custom_property("pushed") == 1
    store = PublishedStore(run.serving_root)
    version = int(pushed.get_string_custom_property("pushed_version"))
    refit = store.manifest(version)["refit"]
    assert refit["splits"] == ["eval", "test"] and refit["metrics_are_of"] == "evaluated"
    assert refit["evaluated"]["uri"] == run.artifact("RecommenderBuilder", "model").uri
    assert refit["pushed"]["uri"] == run.artifact("RecommenderBuilder.refit", "model").uri
    assert len(refit["pushed"]["digest"]) == 64 and refit["pushed"]["digest"] != refit["evaluated"]["digest"]

    # What was chosen on eval is kept.
    for trainer in ("Trainer.retrieval", "Trainer.ranking"):
        first, again = (run.artifact(f"{trainer}{suffix}", "state").uri for suffix in ("", ".refit"))
        assert TrainingChoice.read(first) == TrainingChoice.read(again)
        curves = json.loads((Path(run.model(f"{trainer}.refit")) / "assets.extra" / "curves.json").read_text())
        assert len(curves["mean_loss"]) == TrainingChoice.read(first).passes and list(curves) == ["mean_loss"]
    first, again = (
        ItemPopularity.read(run.artifact(f"CandidateIndexer{suffix}", "index").uri) for suffix in ("", ".refit")
    )
    assert (first.window, first.weight, first.level) == (again.window, again.weight, again.level)
    for file in ("blend.json", "diversity.json"):
        files = [Path(run.model(f"RecommenderBuilder{suffix}")) / "assets.extra" / file for suffix in ("", ".refit")]
        assert files[0].read_text() == files[1].read_text()

    # The next run is compared with models that have not seen what they are compared on.
    kept = (store.baseline_path(version, "ranking") / "saved_model.pb").read_bytes()
    assert kept == (Path(run.model("Trainer.ranking")) / "saved_model.pb").read_bytes()


@pytest.mark.parametrize("bad", ["index", "evaluated servable"])
def test_no_way_round_the_refits_own_gate(passed: GadgetRun, tmp_path: Path, bad: str) -> None:
    assert is_blessed(passed.artifact("RefitGate", "blessing"))
    nodes = ("CandidateIndexer.refit", "RecommenderBuilder.refit", "ServableCheck")
    good = {node: dict(passed.outputs(node)) for node in nodes}
    if bad == "index":
        index = CandidateIndex()
        index.copy_from(good["CandidateIndexer.refit"]["index"])
        index.recall_at_100 = 0.5
        passed.given("CandidateIndexer.refit", **good["CandidateIndexer.refit"] | {"index": index})
        passed.given("RecommenderBuilder.refit", **good["RecommenderBuilder.refit"])
    else:
        blessing = standard_artifacts.InfraBlessing()
        blessing.uri = str(tmp_path)
        bless(blessing, False, INFRA_MARKERS)
        passed.given("ServableCheck", blessing=blessing)
    assert is_blessed(passed.artifact("RefitGate", "blessing")) is False
    for node in nodes:
        passed.given(node, **good[node])


def test_the_rows_of_a_refit(gadgets_run: GadgetRun) -> None:
    folders = [gadgets_run.split("interactions", split) for split in ("eval", "test")]
    data = read_training_data(gadgets_run.fn_args("", {"added_splits": folders}))
    alone = gadgets_run.data
    rows = sorted(f"i{row:02}" for row in data.train[CANDIDATE_ROW])
    assert rows == sorted(row["item_id"] for row in gadgets.interactions())
    assert data.train[HISTORY].shape[1] == alone.train[HISTORY].shape[1]
    sequences = data.sequences()
    # 30 users of ten interactions and one of eleven; "u28", of eval alone, is a user like any other.
    assert sorted(sequences.lengths.tolist()) == [10] * 29 + [11]
    assert sequences.users.max() == data.graph.vocabulary_size("user_id")
    assert {name: len(values) for name, values in data.train.items()} == dict.fromkeys(data.train, 301)
    assert data.query_specs().keys() == alone.query_specs().keys()
    np.testing.assert_array_equal(data.eval[CANDIDATE_ROW], alone.eval[CANDIDATE_ROW])


def test_a_split_is_named_once() -> None:
    with pytest.raises(InputError, match=r"config \[refit\], key splits"):
        RefitConfig(("eval", "eval"))


def test_a_broken_choice_is_named(tmp_path: Path) -> None:
    choice = TrainingChoice(3, 10, {"dimension": 8})
    choice.write(str(tmp_path))
    assert TrainingChoice.read(str(tmp_path)) == choice
    (tmp_path / "training.json").write_text('{"passes": 3}')
    with pytest.raises(InputError, match="training.json"):
        TrainingChoice.read(str(tmp_path))
