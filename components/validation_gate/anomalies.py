"""Anomalies of TFDV in words: which table, column and split, what is wrong, and what is in the data."""

from __future__ import annotations

import dataclasses

from tensorflow_metadata.proto.v0 import anomalies_pb2, path_pb2, statistics_pb2

from modules.errors import InputError

_TOP_VALUES = 3
_VALUE_LENGTH = 40


@dataclasses.dataclass(frozen=True)
class Finding:
    """One anomaly.

    Attributes:
        where: table, column (if it is one column's) and split.
        wrong: what TFDV says.
        data: example values or limits of the column, empty if the statistics have none.
    """

    where: str
    wrong: str
    data: str

    def __str__(self) -> str:
        return f"{self.where}: {self.wrong}" + (f" – {self.data}" if self.data else "")


def find_anomalies(
    anomalies: anomalies_pb2.Anomalies, statistics: statistics_pb2.DatasetFeatureStatisticsList, table: str, split: str
) -> list[Finding]:
    """Every anomaly of one split of a table, in the order of column names.

    Args:
        anomalies: of TFDV's validation.
        statistics: of the same data.
        table, split: how to call it.
    """
    findings = []
    for key in sorted(anomalies.anomaly_info):
        info = anomalies.anomaly_info[key]
        column = ".".join(info.path.step) or key
        findings.append(
            Finding(f"table {table}, column {column}, split {split}", _wrong(info), _data(statistics, column))
        )
    whole = f"table {table}, split {split}"
    if anomalies.HasField("dataset_anomaly_info"):
        findings.append(Finding(whole, _wrong(anomalies.dataset_anomaly_info), ""))
    if anomalies.data_missing and not findings:
        findings.append(Finding(whole, "no examples", ""))
    return findings


def describe_anomalies(
    anomalies: anomalies_pb2.Anomalies, statistics: statistics_pb2.DatasetFeatureStatisticsList, table: str, split: str
) -> list[str]:
    """Like `find_anomalies`, a line each."""
    return [str(finding) for finding in find_anomalies(anomalies, statistics, table, split)]


def refusal(findings: list[Finding]) -> InputError:
    """The error that names the first finding and counts the others.

    Args:
        findings: at least one.
    """
    first, *others = findings
    more = f" (and {len(others)} more: {'; '.join(finding.where for finding in others[:2])})" if others else ""
    expected = "values that fit the schema" + (f", not {first.wrong}" if first.data else "")
    return InputError(first.where + more, expected, first.data or first.wrong)


def _wrong(info: anomalies_pb2.AnomalyInfo) -> str:
    """What TFDV says in short and at length, on one line."""
    short, long = (" ".join(text.split()).rstrip(".") for text in (info.short_description, info.description))
    return f"{short} ({long})" if long and short and long != short else short or long


def _data(statistics: statistics_pb2.DatasetFeatureStatisticsList, column: str) -> str:
    """Example values and limits of a column."""
    for dataset in statistics.datasets:
        for feature in dataset.features:
            if _name(feature) == column:
                return _summary(feature)
    return ""


def _name(feature: statistics_pb2.FeatureNameStatistics) -> str:
    path: path_pb2.Path = feature.path
    return feature.name if feature.WhichOneof("field_id") == "name" else ".".join(path.step)


def _summary(feature: statistics_pb2.FeatureNameStatistics) -> str:
    kind = feature.WhichOneof("stats")
    parts = []
    if kind == "num_stats" and feature.num_stats.common_stats.num_non_missing:
        parts.append(f"values from {feature.num_stats.min:g} to {feature.num_stats.max:g}")
    if kind == "string_stats":
        shown = [top.value[:_VALUE_LENGTH] for top in feature.string_stats.top_values[:_TOP_VALUES]]
        parts += [f"values such as {', '.join(repr(value) for value in shown)}"] if shown else []
    common = getattr(feature, kind).common_stats if kind in ("num_stats", "string_stats", "bytes_stats") else None
    if common is not None and common.num_missing:
        parts.append(f"none in {common.num_missing} of {common.num_missing + common.num_non_missing} rows")
    return ", ".join(parts)
