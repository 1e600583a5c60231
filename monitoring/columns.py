"""How the columns of requests and of feedback differ from training: TFDV's verdicts, and values that are new."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Literal, TypeAlias

import tensorflow_data_validation as tfdv
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2

from components.dashboards.statistics import FILE, ColumnStatistics, column_statistics
from components.report.evidence import Anomaly, Drift
from modules.roles import Encoding, Roles

Statistics: TypeAlias = statistics_pb2.DatasetFeatureStatisticsList
Kind = Literal["skew", "drift"]
_Reason = anomalies_pb2.AnomalyInfo
# Said with their values in `drift_skew_info`.
_DISTANCES = {
    _Reason.COMPARATOR_L_INFTY_HIGH,
    _Reason.COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH,
    _Reason.COMPARATOR_NORMALIZED_ABSOLUTE_DIFFERENCE_HIGH,
}


@dataclasses.dataclass(frozen=True)
class NewValues:
    """Values of a column that training did not have.

    Attributes:
        source: "requests" or "feedback".
        column: its name.
        values: how many there are in all.
        share: of them that are new.
        examples: the most frequent new ones.
    """

    source: str
    column: str
    values: int
    share: float
    examples: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Columns:
    """What was found of the columns of one source.

    Attributes:
        source: "requests" or "feedback".
        rows: that it has.
        statistics: of its columns.
        anomalies: ways in which it is not what the schema says.
        drifts: distances from training that the schema sets a limit to.
        new_values: of its categorical columns.
    """

    source: str
    rows: int
    statistics: dict[str, ColumnStatistics]
    anomalies: list[Anomaly]
    drifts: list[Drift]
    new_values: list[NewValues]


def read_statistics(folder: Path, source: str) -> Statistics:
    """The statistics of a source that the graph wrote."""
    return Statistics.FromString((folder / f"Split-{source}" / FILE).read_bytes())


def compared(
    found: Statistics, source: str, training: Statistics, schema: schema_pb2.Schema, roles: Roles, kind: Kind
) -> Columns:
    """Compares the columns of a source with those of training.

    Args:
        found: statistics of the source.
        source: "requests" or "feedback".
        training: statistics of what the version was trained on.
        schema: of the source's examples.
        roles: of the schema's columns.
        kind: "skew" by the schema's skew_comparators, or "drift" by its drift_comparators.
    """
    rows = sum(dataset.num_examples for dataset in found.datasets)
    if not rows:
        return Columns(source, 0, {}, [], [], [])
    ours, theirs = columns_in(found), columns_in(training)
    both = set(ours) & set(theirs)
    categorical = [c.name for c in roles.columns if c.encoding is Encoding.CATEGORICAL and c.name in both]
    new = [new_values(source, name, ours[name], theirs[name]) for name in categorical]
    return Columns(
        source,
        rows,
        ours,
        _anomalies(tfdv.validate_statistics(found, schema), source),
        _distances(found, training, schema, source, kind, both),
        [one for one in new if one],
    )


def columns_in(statistics: Statistics) -> dict[str, ColumnStatistics]:
    """By name, the columns that have any value."""
    found = {
        feature.name or ".".join(feature.path.step): column_statistics(feature)
        for dataset in statistics.datasets
        for feature in dataset.features
    }
    return {name: column for name, column in found.items() if column.values}


def new_values(source: str, name: str, ours: ColumnStatistics, theirs: ColumnStatistics) -> NewValues | None:
    """The values of `ours` that `theirs` has not; None where training had more values than TFDV kept."""
    if not ours.texts or not theirs.texts or theirs.texts.unique > len(theirs.texts.counts):
        return None
    new = {value: count for value, count in ours.texts.counts.items() if value not in theirs.texts.counts}
    examples = sorted(new, key=lambda value: -new[value])[:3]
    return NewValues(source, name, ours.values, sum(new.values()) / ours.values, tuple(examples))


def _anomalies(found: anomalies_pb2.Anomalies, source: str) -> list[Anomaly]:
    severity = anomalies_pb2.AnomalyInfo.Severity.Name
    return [
        Anomaly(
            "interactions",
            source,
            ".".join(info.path.step) or name,
            severity(info.severity).lower(),
            reason.short_description,
            reason.description.strip(),
        )
        for name, info in sorted(found.anomaly_info.items())
        for reason in info.reason
        if reason.type not in _DISTANCES
    ]


def _distances(
    found: Statistics, training: Statistics, schema: schema_pb2.Schema, source: str, kind: Kind, both: set[str]
) -> list[Drift]:
    """By the schema's comparators of a kind, for the columns that `both` have."""
    if kind == "drift":
        anomalies = tfdv.validate_statistics(found, schema, previous_statistics=training)
    else:
        anomalies = tfdv.validate_statistics(training, schema, serving_statistics=found)
    drifts = []
    for info in anomalies.drift_skew_info:
        column = ".".join(info.path.step)
        if column not in both:
            continue
        for one in info.drift_measurements if kind == "drift" else info.skew_measurements:
            measure = anomalies_pb2.DriftSkewInfo.Measurement.Type.Name(one.type).lower().replace("_", " ")
            drifts.append(Drift("interactions", source, column, kind, measure, one.value, one.threshold))
    return drifts
