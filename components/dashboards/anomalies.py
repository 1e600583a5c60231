"""What TFDV objects to, and how far distributions drifted, from the `anomalies` artifacts."""

from __future__ import annotations

from pathlib import Path

from tensorflow_metadata.proto.v0 import anomalies_pb2

from components.report.evidence import Anomaly, Drift

FILE = "SchemaDiff.pb"


def read_anomalies(table: str, folder: str | Path) -> tuple[list[Anomaly], list[Drift]]:
    """Reads the `anomalies` artifact of an ExampleValidator, in the order of splits and columns."""
    anomalies, drifts = [], []
    for path in sorted(Path(folder).glob("Split-*")):
        split = path.name.removeprefix("Split-")
        found = anomalies_pb2.Anomalies.FromString((path / FILE).read_bytes())
        if found.HasField("dataset_anomaly_info"):
            anomalies.append(_anomaly(table, split, "", found.dataset_anomaly_info))
        for name, info in sorted(found.anomaly_info.items()):
            anomalies.append(_anomaly(table, split, ".".join(info.path.step) or name, info))
        for part in found.drift_skew_info:
            column = ".".join(part.path.step)
            for kind, measures in (("drift", part.drift_measurements), ("skew", part.skew_measurements)):
                for one in measures:
                    measure = anomalies_pb2.DriftSkewInfo.Measurement.Type.Name(one.type).lower().replace("_", " ")
                    drifts.append(Drift(table, split, column, kind, measure, one.value, one.threshold))
    return anomalies, drifts


def _anomaly(table: str, split: str, column: str, info: anomalies_pb2.AnomalyInfo) -> Anomaly:
    severity = anomalies_pb2.AnomalyInfo.Severity.Name(info.severity).lower()
    return Anomaly(table, split, column, severity, info.short_description, info.description)
