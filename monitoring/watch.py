"""The whole: reads, measures, judges and writes the report."""

from __future__ import annotations

import dataclasses
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from components.source import DataConfig, open_source
from modules.monitoring_config import MonitoringConfig
from monitoring import graph
from monitoring.feedback import FeedbackTables
from monitoring.findings import Findings
from monitoring.latency import read_latency
from monitoring.measures import measures
from monitoring.page import render_columns, render_page
from monitoring.report import DATA_PAGE, JSON_FILE, PAGE, PROMETHEUS_FILE, Report, prometheus_text
from monitoring.schemas import feedback_schema, request_schema
from monitoring.watched_version import WatchedVersion


@dataclasses.dataclass(frozen=True)
class Watch:
    """What is watched.

    Attributes:
        version: that is watched.
        log: folder of request logs.
        logs: the files in it.
        out: folder for the report.
        feedback: location of the product's tables, without passwords; "" if there is none.
        latency: a saved answer of TensorFlow Serving's Prometheus page; None if there is none.
        data, limits: sections of the configuration.
        beam: options for Beam.
    """

    version: WatchedVersion
    log: Path
    logs: tuple[str, ...]
    out: Path
    feedback: str = ""
    latency: Path | None = None
    data: DataConfig = dataclasses.field(default_factory=DataConfig)
    limits: MonitoringConfig = dataclasses.field(default_factory=MonitoringConfig)
    beam: tuple[str, ...] = ()


def watch(wanted: Watch) -> Report:
    """Runs the Beam pipeline and writes the report into `wanted.out`.

    Raises:
        InputError: the feedback is not what the schema says, or there is no latency in the file for it.
    """
    version = wanted.version
    latency = read_latency(wanted.latency) if wanted.latency else None
    tables = None
    if wanted.feedback:
        tables = FeedbackTables.of(open_source(wanted.feedback), version.roles, wanted.data)
    wanted.out.mkdir(parents=True, exist_ok=True)
    # Beside the report, where workers on other machines can write if the report's folder is shared.
    with tempfile.TemporaryDirectory(prefix=".work-", dir=wanted.out) as folder:
        job = graph.Job(
            logs=wanted.logs,
            users=str(version.users),
            items=str(version.items),
            roles=version.roles,
            request_schema=request_schema(version.schema, version.roles),
            feedback_schema=feedback_schema(
                version.schema, version.roles, tables.column_names() if tables else frozenset()
            ),
            attribution_seconds=wanted.limits.attribution_hours * 3600,
            folder=folder,
        )
        with beam.Pipeline(options=PipelineOptions(list(wanted.beam))) as pipeline:
            graph.build(pipeline, job, tables)
        found = Findings.read(job, version, tables is not None, latency)
    judged = measures(found, wanted.limits)
    made = datetime.now(UTC).isoformat(timespec="seconds")
    report = Report.of(found, judged, version.number, str(wanted.log), wanted.feedback, made)
    for name, text in (
        (JSON_FILE, report.to_json()),
        (PROMETHEUS_FILE, prometheus_text(report)),
        (DATA_PAGE, render_columns(found, version.training, report)),
        (PAGE, render_page(report)),
    ):
        (wanted.out / name).write_text(text, encoding="utf-8")
    return report
