"""The pages of a run, from the artifacts that ML Metadata names."""

from __future__ import annotations

import json
from pathlib import Path

from google.protobuf import text_format
from ml_metadata.proto import metadata_store_pb2 as pb
from tensorflow_metadata.proto.v0 import anomalies_pb2, statistics_pb2

from components.local_run.executions import RunRecord
from components.local_run.report import report_run
from components.report.run import Run
from components.report.scorecard import Scorecard
from tests.components.dashboards.conftest import ANOMALIES, TRAIN, write

SCORECARD = Scorecard(Run("r1", "2024-05-06T07:08:09+00:00", "failed", error="the data are bad"))


def test_a_run_that_bad_data_ended(tmp_path: Path) -> None:
    statistics, anomalies, partial = (tmp_path / name for name in ("statistics", "anomalies", "partial"))
    write(
        statistics / "Split-train" / "FeatureStats.pb",
        text_format.Parse(TRAIN, statistics_pb2.DatasetFeatureStatisticsList()),
    )
    write(anomalies / "Split-train" / "SchemaDiff.pb", text_format.Parse(ANOMALIES, anomalies_pb2.Anomalies()))
    partial.mkdir()
    record = RunRecord(
        {
            "StatisticsGen.interactions": "cached",
            "ExampleValidator.interactions": "run",
            "StatisticsGen.candidates": "failed",
            "ValidationGate": "failed",
        },
        {
            ("ExampleValidator.interactions", "anomalies"): pb.Artifact(id=9, uri=str(anomalies)),
            ("StatisticsGen.interactions", "statistics"): pb.Artifact(id=4, uri=str(statistics)),
            ("StatisticsGen.candidates", "statistics"): pb.Artifact(id=10, uri=str(partial)),
        },
    )
    page = report_run(record, SCORECARD, tmp_path / "reports")
    assert sorted(path.name for path in page.parent.iterdir()) == ["data.html", "index.html", "scorecard.json"]
    written = json.loads((page.parent / "scorecard.json").read_text())
    assert [output["id"] for output in written["outputs"]] == [4, 9]  # a part is no artifact
    assert [anomaly["column"] for anomaly in written["anomalies"]] == ["device"]
    assert 'href="data.html"' in page.read_text()


def test_a_run_that_got_nowhere(tmp_path: Path) -> None:
    page = report_run(RunRecord({}, {}), SCORECARD, tmp_path)
    assert sorted(path.name for path in page.parent.iterdir()) == ["index.html", "scorecard.json"]
    assert "the data are bad" in page.read_text()
