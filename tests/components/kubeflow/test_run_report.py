"""The last task: what it reads of a run, what it writes, and where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tfx.types import standard_artifacts
from tfx.types.artifact import Artifact

from components.artifacts import DataFacts, Report, Verdicts
from components.kubeflow.run_report import RunReportExecutor, run_of
from components.publishing.reports import PublishedReports
from components.report.run import Refusal

PASSED: dict[str, Any] = {"name": "index_recall", "value": 0.99, "limit": 0.95, "passed": True, "reason": "good"}
FAILED: dict[str, Any] = {"name": "above_popularity", "value": 0.1, "limit": 0.2, "passed": False, "reason": "too low"}
FACTS = {"split_kind": ["time"], "rows": {"interactions": 40}, "users": 5, "interactions_rows": {"train": 30}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the launcher has its copies of a run's artifacts."""
    return tmp_path / "s3" / "artifacts" / "recommender" / "run-17"


def made(kind: type[Artifact], folder: Path, file: str = "", content: Any = None, **properties: Any) -> list[Artifact]:
    """An artifact, with the numbers among its properties as JSON, as Kubeflow hands them over."""
    artifact = kind()
    artifact.uri = str(folder)
    if file:
        folder.mkdir(parents=True)
        (folder / file).write_text(json.dumps(content))
    for name, value in properties.items():
        if isinstance(value, str):
            artifact.set_string_custom_property(name, value)
        else:
            artifact.set_json_value_custom_property(name, float(value))
    artifact.set_mlmd_artifact(artifact.mlmd_artifact)
    return [artifact]


def execute(folder: Path, store: Path, inputs: dict[str, list[Artifact]]) -> Report:
    report = Report()
    report.uri = str(folder / "run-report" / "4711" / "report")
    RunReportExecutor().Do(
        inputs,
        {"report": [report]},
        {
            "serving_root": str(store),
            "data_location": "postgresql://shop:hunter2@db/shop",
            "config_digest": "c",
            "code_digest": "d",
            "seed": 7,
        },
    )
    return report


def evidence(folder: Path, *verdicts: dict[str, Any], **pushed: Any) -> dict[str, list[Artifact]]:
    return {
        "facts": made(DataFacts, folder / "facts", "facts.json", FACTS),
        "verdicts": made(Verdicts, folder / "verdicts", "verdicts.json", verdicts),
        "answers": made(standard_artifacts.InfraBlessing, folder / "answers", blessed=1),
        "pushed_model": made(standard_artifacts.PushedModel, folder / "pushed", **pushed),
    }


def test_a_refused_run(folder: Path, tmp_path: Path) -> None:
    inputs = evidence(folder, PASSED, FAILED, pushed=0, reason="model_blessing refused")
    report = execute(folder, tmp_path / "serving", inputs)
    assert report.get_string_custom_property("verdict") == "refused"
    assert report.get_string_custom_property("refused") == "above_popularity"
    url = f"file://{tmp_path}/serving/reports/run-17"
    assert report.get_string_custom_property("url") == url

    reports = PublishedReports(str(tmp_path / "serving"))
    scorecard = reports.scorecard("run-17")
    assert scorecard is not None and reports.url("run-17") == url
    run = scorecard.run
    assert (run.id, run.verdict, run.exit_status, run.seed) == ("run-17", "refused", 3, 7)
    assert run.refused == [Refusal("above_popularity", "too low", 0.1, 0.2)]
    assert run.data_location == "postgresql://shop:***@db/shop"
    assert scorecard.data is not None and scorecard.data.split_rows == {"train": 30}
    assert [gate.name for gate in scorecard.gates] == ["index_recall", "above_popularity", "servable_answers"]
    assert scorecard.components == [] and scorecard.outputs == []  # which nobody knows here
    page = (tmp_path / "serving" / "reports" / "run-17" / "index.html").read_text()
    assert "Not pushed: refused by above_popularity" in page
    assert page == (Path(report.uri) / "run-17" / "index.html").read_text()
    assert reports.scorecard("run-18") is None


def test_a_pushed_run(folder: Path, tmp_path: Path) -> None:
    inputs = evidence(folder, PASSED, pushed=1, pushed_version="1700000000", pushed_destination="/s3/shop/copy")
    report = execute(folder, tmp_path / "serving", inputs)
    scorecard = PublishedReports(str(tmp_path / "serving")).scorecard("run-17")
    assert scorecard is not None
    assert (scorecard.run.verdict, scorecard.run.pushed_version) == ("pushed", "1700000000")
    assert scorecard.run.pushed_path == f"{tmp_path}/serving/recommender/1700000000"
    assert (report.get_string_custom_property("verdict"), report.get_string_custom_property("refused")) == (
        "pushed",
        "",
    )


def test_a_second_try_replaces_the_first(folder: Path, tmp_path: Path) -> None:
    for _ in range(2):
        execute(folder, tmp_path / "serving", {})
    files = {path.name for path in (tmp_path / "serving" / "reports" / "run-17").iterdir()}
    assert files == {"index.html", "scorecard.json"}


@pytest.mark.parametrize(
    "uri",
    [
        "/s3/artifacts/recommender/run-17/run-report/4711/report",
        "/minio/run-report/v2/recommender/run-17/run-report/report",  # a bucket of that name
        "gs://bucket/recommender/run-17/run-report/report",
        "/gcs/bucket/root/123456/run-17/run-report_-577/report",  # on Vertex AI
    ],
)
def test_which_run_it_is(uri: str) -> None:
    assert run_of(uri) == "run-17"


def test_a_place_that_is_none() -> None:
    with pytest.raises(ValueError, match="no run in front of run-report in /somewhere/else"):
        run_of("/somewhere/else")
