"""The artifact types that this project adds to TFX's."""

from __future__ import annotations

from tfx.types.artifact import Artifact, Property, PropertyType


class CandidateIndex(Artifact):
    """The searchable catalogue.

    Properties:
        kind: how it is searched, such as "exact".
        num_items, dimension: size of the catalogue and of a vector.
        recall_at_100: share of the exact 100 nearest items that the index finds, 0 to 1.
        latency_ms: median of one search with one query, milliseconds.

    Custom properties: `LATENCY_P99`, the 99th percentile of the same; bytes_per_item in memory; lists and probes, where
    it is partitioned; of a prior of recent popularity, see `components.candidate_index.component`.
    """

    TYPE_NAME = "CandidateIndex"
    LATENCY_P99 = "latency_p99_ms"
    PROPERTIES = {
        "kind": Property(type=PropertyType.STRING),
        "num_items": Property(type=PropertyType.INT),
        "dimension": Property(type=PropertyType.INT),
        "recall_at_100": Property(type=PropertyType.FLOAT),
        "latency_ms": Property(type=PropertyType.FLOAT),
    }


class Metrics(Artifact):
    """`metrics.json`: {split: {"popularity" | "retrieval" | "recommender" | …: {metric: number}}}."""

    TYPE_NAME = "RecommenderMetrics"
    FILE = "metrics.json"


class Verdicts(Artifact):
    """`verdicts.json`: what the gate found, a list of {name, value, limit, passed, reason}; and `drifts.json`."""

    TYPE_NAME = "RecommenderVerdicts"
    FILE = "verdicts.json"
    DRIFTS = "drifts.json"


class ValidationBlessing(Artifact):
    """Exists only where the data had no anomaly; what trains on the data depends on it."""

    TYPE_NAME = "ValidationBlessing"


class DataFacts(Artifact):
    """`facts.json`: counts of what the ExampleGen read, split and dropped."""

    TYPE_NAME = "RecommenderDataFacts"


class TrainingState(Artifact):
    """What later trainings of the same model go by: `modules.training_choice` and `modules.training_state`."""

    TYPE_NAME = "RecommenderTrainingState"


class PublishedStatistics(Artifact):
    """The statistics of the data that a published version was made from, in a folder for each kind of examples."""

    TYPE_NAME = "PublishedStatistics"


class Report(Artifact):
    """`<run>/index.html`, `<run>/scorecard.json` and the other pages of `components.report.folder`, of one run."""

    TYPE_NAME = "RecommenderReport"
