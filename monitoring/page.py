"""The report as pages that need nothing but themselves: no script, no font, no request."""

from __future__ import annotations

import time
from pathlib import Path

from tensorflow_metadata.proto.v0 import statistics_pb2

from components.dashboards.data_page import render_data_page
from components.dashboards.statistics import ColumnStatistics, TableStatistics
from components.report import wording
from components.report.page_templates import page_templates
from monitoring.columns import Columns, columns_in
from monitoring.findings import Findings
from monitoring.judge import Measure
from monitoring.report import Report
from monitoring.traffic import HOUR

TRAINING = "train"
_TEMPLATES = page_templates(Path(__file__).parent / "templates")


def render_page(report: Report) -> str:
    """The page of a report: the verdict, the measures, the traffic. Reads the same values as `report.json`."""
    report = Report.from_json(report.to_json())
    return _TEMPLATES.get_template("monitoring.html").render(
        report=report,
        whole=[measure for measure in report.measures if not measure.column],
        columns=sorted((measure for measure in report.measures if measure.column), key=_by_weight),
        hours={"requests an hour": _filled(report.hours)} if len(report.hours) > 1 else {},
        curve={"share of all places": report.served_curve},
        moment=moment,
    )


def render_columns(found: Findings, training: statistics_pb2.DatasetFeatureStatisticsList, report: Report) -> str:
    """The page about the columns: training, requests and feedback side by side."""
    sources = [columns for columns in (found.requests, found.feedback) if columns and columns.rows]
    rows = sum(dataset.num_examples for dataset in training.datasets)
    of_training = columns_in(training)
    tables = [_beside_training(columns, of_training, rows) for columns in sources]
    drifts = [drift for columns in sources for drift in columns.drifts]
    anomalies = [anomaly for columns in sources for anomaly in columns.anomalies]
    return render_data_page(f"watched at {wording.moment(report.made)}", tables, anomalies, drifts)


def _beside_training(columns: Columns, training: dict[str, ColumnStatistics], rows: int) -> TableStatistics:
    compared = {
        name: {TRAINING: training[name], columns.source: ours}
        for name, ours in sorted(columns.statistics.items())
        if name in training
    }
    return TableStatistics(columns.source, {TRAINING: rows, columns.source: columns.rows}, compared)


def moment(seconds: int) -> str:
    """Seconds since the epoch, for people."""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds)) if seconds else wording.MISSING


def _by_weight(measure: Measure) -> tuple[bool, float]:
    """Alarms first, then what comes closest to its limit."""
    used = measure.value / measure.limit if measure.value is not None and measure.limit else 0.0
    return measure.verdict != "alarm", -used


def _filled(hours: list[tuple[int, int]]) -> list[int]:
    """Rows of every hour from the first to the last, also of those without any."""
    found = dict(hours)
    return [found.get(hour, 0) for hour in range(hours[0][0], hours[-1][0] + 1, HOUR)]
