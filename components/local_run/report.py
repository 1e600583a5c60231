"""The report of a run with its dashboards, from what its components left."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from components.dashboards.folder import Sources, write_dashboards
from components.local_run.executions import RunRecord
from components.report.evidence import Output
from components.report.folder import write_report
from components.report.scorecard import Scorecard

MODELS, TABLES = ("retrieval", "ranking"), ("interactions", "candidates")
"""What there is an Evaluator of, and what StatisticsGen and ExampleValidator look at."""

_FINISHED = ("run", "cached")


def report_run(record: RunRecord, scorecard: Scorecard, reports_dir: str | Path) -> Path:
    """Writes <reports>/<run>/ and the list of all runs; returns the path of the run's page."""
    outputs = [
        Output(component, name, artifact.id, artifact.uri)
        for (component, name), artifact in record.artifacts.items()
        if record.states.get(component) in _FINISHED and artifact.id  # outside of ML Metadata there are none to look up
    ]
    scorecard = dataclasses.replace(scorecard, outputs=sorted(outputs, key=lambda output: output.id))
    return write_report(reports_dir, write_dashboards(reports_dir, scorecard, _sources(record)))


def _sources(record: RunRecord) -> Sources:
    return Sources(
        evaluations=_finished(record, {name: f"Evaluator.{name}" for name in MODELS}, "evaluation"),
        statistics=_finished(record, {name: f"StatisticsGen.{name}" for name in TABLES}, "statistics"),
        anomalies=_finished(record, {name: f"ExampleValidator.{name}" for name in TABLES}, "anomalies"),
    )


def _finished(record: RunRecord, components: Mapping[str, str], output: str) -> dict[str, str]:
    """Where components left the output; what one that failed has left is no evidence."""
    return {
        name: uri
        for name, component in components.items()
        if record.states.get(component) in _FINISHED and (uri := record.uri(component, output))
    }
