"""Anomalies and drift, against TFDV's messages."""

from __future__ import annotations

from pathlib import Path

from components.dashboards.anomalies import read_anomalies
from components.report.evidence import Anomaly, Drift


def test_read(anomalies_folder: Path) -> None:
    detail = "Examples contain <b>toaster</b>."
    assert read_anomalies("interactions", anomalies_folder) == (
        [Anomaly("interactions", "test", "device", "error", "Unexpected string values", detail)],
        [Drift("interactions", "test", "device", "drift", "l infty", 0.25, 0.1)],
    )
