"""How far distributions have moved, by TFDV, against the limits that the schema sets column by column."""

from __future__ import annotations

from pathlib import Path

import tensorflow_data_validation as tfdv
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2

from components.report.evidence import Drift

REFERENCE, AFTERWARDS = "train", "eval"
STATISTICS_FILE = "FeatureStats.pb"


def measure_drift(table: str, schema: schema_pb2.Schema, statistics: Path, published: Path | None) -> list[Drift]:
    """Distances of all columns that the schema sets limits for, in its order.

    Drift (`drift_comparator`): train (of the catalogue: all of it) now against the same when the published version was
    made. Skew (`skew_comparator`):
    train against eval; where rows are split by time, eval is what came after, and so what a model meets that serves.

    Args:
        table: name of the examples.
        schema: of these examples.
        statistics: folder with a StatisticsGen's splits.
        published: the same of the published version; None without one, and then nothing has drifted.

    Raises:
        OSError, google.protobuf.message.DecodeError: statistics are missing or broken.
    """
    compared = _only_limits(schema)
    if not compared.feature:
        return []
    reference = _reference(statistics)
    now = read_statistics(statistics, reference)
    found = []
    if published is not None and _has(compared, "drift_comparator"):
        earlier = read_statistics(published, reference)
        found += _distances(table, reference, tfdv.validate_statistics(now, compared, previous_statistics=earlier))
    if _has(compared, "skew_comparator") and (statistics / f"Split-{AFTERWARDS}").is_dir():
        later = read_statistics(statistics, AFTERWARDS)
        found += _distances(table, AFTERWARDS, tfdv.validate_statistics(now, compared, serving_statistics=later))
    return found


def read_schema(folder: Path) -> schema_pb2.Schema:
    """The schema in an artifact of TableSchemas."""
    (file,) = folder.iterdir()
    return text_format.Parse(file.read_text(encoding="utf-8"), schema_pb2.Schema())


def sets_limits(schema: schema_pb2.Schema, published: bool) -> bool:
    """Whether there is a limit to apply: on skew always, on drift only beside a published version."""
    return _has(schema, "skew_comparator") or (published and _has(schema, "drift_comparator"))


def read_statistics(folder: Path, split: str) -> statistics_pb2.DatasetFeatureStatisticsList:
    """The statistics of a split."""
    content = (folder / f"Split-{split}" / STATISTICS_FILE).read_bytes()
    return statistics_pb2.DatasetFeatureStatisticsList.FromString(content)


def _reference(folder: Path) -> str:
    """The split that is compared: train, or the only one there is."""
    splits = sorted(path.name.removeprefix("Split-") for path in folder.glob("Split-*"))
    return REFERENCE if REFERENCE in splits or len(splits) != 1 else splits[0]


def _only_limits(schema: schema_pb2.Schema) -> schema_pb2.Schema:
    """The columns with a comparator: what else is wrong with the data, ExampleValidator says."""
    result = schema_pb2.Schema()
    result.CopyFrom(schema)
    for feature in [*result.feature]:
        if not (feature.HasField("drift_comparator") or feature.HasField("skew_comparator")):
            result.feature.remove(feature)
    return result


def _has(schema: schema_pb2.Schema, comparator: str) -> bool:
    return any(feature.HasField(comparator) for feature in schema.feature)


def _distances(table: str, split: str, anomalies: anomalies_pb2.Anomalies) -> list[Drift]:
    found = []
    for part in anomalies.drift_skew_info:
        column = ".".join(part.path.step)
        for kind, measures in (("drift", part.drift_measurements), ("skew", part.skew_measurements)):
            for one in measures:
                measure = anomalies_pb2.DriftSkewInfo.Measurement.Type.Name(one.type).lower().replace("_", " ")
                found.append(Drift(table, split, column, kind, measure, one.value, one.threshold))
    return found
