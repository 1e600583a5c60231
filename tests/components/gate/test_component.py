"""The Gate over the artifacts of a real run, some of which are broken, missing, or about something else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tfx.types.artifact import Artifact

from components.absence import leave_out
from components.artifacts import Metrics, Verdicts
from components.blessing import blessed_servable, is_blessed
from components.evaluation.query_values import FILE
from components.folder_digest import folder_digest
from tests.gadget_run import GadgetRun

SHARED = (
    "AnnotatedSchema", "TableSchemas", "TableExampleGen", "StatisticsGen.interactions", "StatisticsGen.candidates",
    "Transform", "BaselineModels", "Trainer.retrieval", "CandidateIndexer", "Trainer.ranking", "Evaluator.retrieval",
    "Evaluator.ranking", "RecommenderBuilder", "EndToEndEvaluation",
)  # fmt: skip


@pytest.fixture
def run(gadgets_run: GadgetRun, tmp_path: Path) -> GadgetRun:
    """The finished run, whose artifacts may be replaced."""
    return GadgetRun(tmp_path / "run").after(gadgets_run, *SHARED)


def verdicts(run: GadgetRun) -> dict[str, dict[str, Any]]:
    """By rule, those that said no; and the blessing says the same."""
    found = json.loads((Path(run.artifact("Gate", "verdicts").uri) / Verdicts.FILE).read_text())
    refused = {one["name"]: one for one in found if not one["passed"]}
    assert is_blessed(run.artifact("Gate", "blessing")) is (not refused)
    return refused


def copy_of(artifact: Artifact, folder: Path) -> Artifact:
    """The same artifact with files of its own."""
    copied = type(artifact)()
    copied.copy_from(artifact)
    copied.uri = str(folder)
    shutil.copytree(artifact.uri, folder)
    return copied


def replaced(run: GadgetRun, node: str, output: str, folder: Path) -> Path:
    """Gives the run a copy of an artifact of a node, to be spoiled; returns its folder."""
    outputs = {name: artifact for name, artifact in run.outputs(node).items() if name != output}
    run.given(node, **outputs, **{output: copy_of(run.artifact(node, output), folder)})
    return folder


def test_the_blessing_names_the_servable(run: GadgetRun) -> None:
    """Gadgets are too few for the usual limits of quality; all the other rules pass."""
    assert set(verdicts(run)) <= {"above_popularity", "final_not_below_retrieval", "flat_lists"}
    digest = folder_digest(Path(run.model("RecommenderBuilder")))
    assert blessed_servable(run.artifact("Gate", "blessing")) == digest


def gone(file: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).unlink()


def cut(file: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        for path in folder.glob(file):
            path.write_bytes(path.read_bytes()[:10])

    return spoil


def other_digest(folder: Path) -> None:
    metrics = json.loads((folder / Metrics.FILE).read_text())
    metrics["evidence_of"]["queries"] = "0"
    (folder / Metrics.FILE).write_text(json.dumps(metrics))


@pytest.mark.parametrize(
    ("node", "output", "spoil", "rule", "said"),
    [
        ("EndToEndEvaluation", "metrics", gone(Metrics.FILE), "evidence", "expected a JSON file, received none"),
        ("EndToEndEvaluation", "metrics", cut(Metrics.FILE), "evidence", "expected a JSON file"),
        ("EndToEndEvaluation", "metrics", gone(FILE), "evidence", "expected the values of the eval queries"),
        ("EndToEndEvaluation", "metrics", cut(FILE), "evidence", "expected the values of the eval queries"),
        ("EndToEndEvaluation", "metrics", other_digest, "evidence", "of another queries than"),
        ("RecommenderBuilder", "model", cut("Format-Serving/saved_model.pb"), "evidence", "of another servable than"),
        ("CandidateIndexer", "index", cut("vectors.npy"), "evidence", "of another index than"),
        ("Evaluator.retrieval", "blessing", gone("BLESSED"), "retrieval_evaluation", "no blessing to be read"),
        ("Evaluator.ranking", "blessing", gone("BLESSED"), "ranking_evaluation", "no blessing to be read"),
        ("Evaluator.retrieval", "evaluation", gone("eval_config.json"), "retrieval_evaluation", "cannot be read"),
        ("Evaluator.ranking", "evaluation", cut("eval_config.json"), "ranking_evaluation", "cannot be read"),
        ("Evaluator.ranking", "evaluation", cut("metrics-*"), "ranking_rmse", "nothing was measured"),
    ],
)
def test_spoiled_evidence(
    run: GadgetRun, tmp_path: Path, node: str, output: str, spoil: Callable[[Path], None], rule: str, said: str
) -> None:
    # What follows from the spoiled artifact stays what it was, as in a cache.
    kept = {name: run.outputs(name) for name in SHARED}
    spoil(replaced(run, node, output, tmp_path / "spoiled"))
    replacement = run.outputs(node)
    for name, outputs in kept.items():
        run.given(name, **(replacement if name == node else outputs))
    found = verdicts(run)
    assert rule in found and said in found[rule]["reason"]


def test_a_broken_published_version(run: GadgetRun, tmp_path: Path) -> None:
    outputs = run.outputs("BaselineModels")
    servable = copy_of(outputs["servable"], tmp_path / "servable")
    servable.set_int_custom_property("version", 12)
    leave_out(servable, "version 12, servable: expected what was published")
    kept = {name: run.outputs(name) for name in SHARED}
    for name, made in kept.items():
        run.given(name, **(outputs | {"servable": servable} if name == "BaselineModels" else made))
    found = verdicts(run)
    assert "version 12 is not what was published: version 12, servable" in found["published_version"]["reason"]
    assert "no_worse_than_published" not in found
