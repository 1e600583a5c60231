"""ValidationGate: the component that stops a run before training if the data has anomalies."""
# TFX reads the annotations of a component function at run time, so they must not be postponed.

from pathlib import Path

from tensorflow_metadata.proto.v0 import anomalies_pb2, statistics_pb2
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact
from tfx.dsl.component.experimental.decorators import component
from tfx.types import artifact_utils, standard_artifacts
from tfx.types.artifact import Artifact

from components.artifacts import ValidationBlessing
from components.validation_gate.anomalies import Finding, find_anomalies, refusal

# How TFX's ExampleValidator and StatisticsGen call their files, in a folder for each split.
_ANOMALIES_FILE, _STATISTICS_FILE = "SchemaDiff.pb", "FeatureStats.pb"
# Only the report reads it; few rows, or a split column that does not name it, leave it empty.
_MAY_BE_EMPTY = "test"


@component
def ValidationGate(
    interactions_anomalies: InputArtifact[standard_artifacts.ExampleAnomalies],
    interactions_statistics: InputArtifact[standard_artifacts.ExampleStatistics],
    candidates_anomalies: InputArtifact[standard_artifacts.ExampleAnomalies],
    candidates_statistics: InputArtifact[standard_artifacts.ExampleStatistics],
    blessing: OutputArtifact[ValidationBlessing],
) -> None:
    """Raises `modules.errors.InputError`, naming table, column, anomaly and example values, if there is any anomaly.

    ExampleValidator only records anomalies. What trains on the data takes `blessing` as an input, or runs after this.

    Args:
        interactions_anomalies, candidates_anomalies: from the two ExampleValidators.
        interactions_statistics, candidates_statistics: of the same examples.
        blessing: output.
    """
    findings = [
        *findings_of(interactions_anomalies, interactions_statistics, "interactions"),
        *findings_of(candidates_anomalies, candidates_statistics, "items"),
    ]
    if findings:
        raise refusal(findings)
    Path(blessing.uri).mkdir(parents=True, exist_ok=True)


def findings_of(anomalies: Artifact, statistics: Artifact, table: str) -> list[Finding]:
    """The anomalies in all splits of a table.

    Raises:
        ValueError: no split was validated, which says nothing about the data.
    """
    splits = artifact_utils.decode_split_names(anomalies.split_names)
    if not splits:
        raise ValueError(f"no split of {table} was validated: {anomalies.uri}")
    findings = []
    for split in splits:
        diff, stats = (
            Path(artifact_utils.get_split_uri([artifact], split)) / file
            for artifact, file in ((anomalies, _ANOMALIES_FILE), (statistics, _STATISTICS_FILE))
        )
        found = anomalies_pb2.Anomalies.FromString(diff.read_bytes())
        if found.data_missing and split == _MAY_BE_EMPTY:
            continue
        statistics_of_split = statistics_pb2.DatasetFeatureStatisticsList.FromString(stats.read_bytes())
        findings += find_anomalies(found, statistics_of_split, table, split)
    return findings
