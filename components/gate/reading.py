"""From artifacts to evidence. What cannot be read is evidence of nothing: it is told to the rules, not raised."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf
from google.protobuf import json_format
from google.protobuf.message import DecodeError
from tfx.types.artifact import Artifact
from tfx.utils import path_utils

from components.absence import broken, is_left_out
from components.artifacts import CandidateIndex, Metrics
from components.blessing import is_blessed
from components.evaluation.query_values import QueryValues
from components.evaluation.results import read_evaluation
from components.folder_digest import folder_digest
from components.gate.drift import measure_drift, read_schema, sets_limits
from components.gate.index_rules import IndexEvidence
from components.gate.judge import Evidence
from components.json_file import read_json
from components.report.evidence import Drift
from components.report.scorecard import Gate

# InputError is a ValueError; the last three are what protobuf and TensorFlow say of broken files.
UNREADABLE = (OSError, ValueError, KeyError, DecodeError, json_format.Error, tf.errors.OpError)
TABLES = ("interactions", "candidates")


@dataclasses.dataclass(frozen=True)
class Sources:
    """The artifacts.

    Attributes:
        blessings, evaluations: of the Evaluators, for "retrieval" and "ranking".
        index: the candidate index.
        metrics: of EndToEndEvaluation.
        digests: of what is judged, as `evidence_of` makes them now.
        baseline: the published servable and the two published models.
        statistics, schemas: for "interactions" and "candidates".
        published_statistics: of both, in a folder each.
        version: the published version; 0 for none.
        withdrawn: whether a version of this very run was rolled back.
    """

    blessings: Mapping[str, Artifact]
    evaluations: Mapping[str, Artifact]
    index: Artifact
    metrics: Artifact
    digests: Mapping[str, str]
    baseline: Sequence[Artifact]
    statistics: Mapping[str, Artifact]
    schemas: Mapping[str, Artifact]
    published_statistics: Artifact
    version: int
    withdrawn: bool


def read_evidence(sources: Sources) -> Evidence:
    """Everything that can be read, and the problems with the rest."""
    metrics, metrics_problem = _or_problem(lambda: _metrics(sources.metrics))
    values, values_problem = _or_problem(lambda: QueryValues.read(sources.metrics.uri))
    published = next((said for artifact in sources.baseline if (said := broken(artifact))), "")
    stale = "" if metrics_problem else _stale(metrics, sources.digests)
    problem = metrics_problem or values_problem or stale
    drifts, drift_problem = _or_problem(lambda: _drifts(sources))
    limits, schema_problem = _or_problem(lambda: _sets_limits(sources))
    return Evidence(
        blessings={name: is_blessed(blessing) for name, blessing in sources.blessings.items()},
        thresholds={name: _thresholds(name, artifact) for name, artifact in sources.evaluations.items()},
        index=index_evidence(sources.index, (metrics or {}).get("integrity")),
        metrics=metrics or {},
        values=values,
        drifts=drift_problem or drifts or (),
        limits_on_drift=bool(limits or schema_problem),
        published=sources.version,
        withdrawn=sources.withdrawn,
        problems={name: said for name, said in (("evidence", problem), ("published", published)) if said},
    )


def index_evidence(index: Artifact, integrity: object) -> IndexEvidence:
    """What the properties of an index say, and what the evaluation counted."""
    properties = index.mlmd_artifact.properties
    share = integrity.get("index_share") if isinstance(integrity, Mapping) else None
    p99 = CandidateIndex.LATENCY_P99
    return IndexEvidence(
        recall=index.recall_at_100 if "recall_at_100" in properties else None,
        latency_p99_ms=index.get_float_custom_property(p99) if index.has_custom_property(p99) else None,
        share=share,
    )


def servable_digest(servable: Artifact) -> str:
    """What a blessing is for."""
    return folder_digest(Path(path_utils.serving_model_path(servable.uri)))


def _or_problem(read: Callable[[], Any]) -> tuple[Any, str]:
    try:
        return read(), ""
    except UNREADABLE as error:
        return None, str(error) or type(error).__name__


def _metrics(artifact: Artifact) -> dict[str, Any]:
    found = read_json(artifact.uri, Metrics.FILE)
    if not isinstance(found, dict):
        raise ValueError(f"{artifact.uri}: metrics are a table of systems, received {type(found).__name__}")
    return found


def _stale(metrics: Mapping[str, Any], digests: Mapping[str, str]) -> str:
    """Which of the things that the metrics are about is another one now."""
    told = metrics.get("evidence_of")
    told = told if isinstance(told, Mapping) else {}
    other = [name for name in {**digests, **told} if told.get(name) != digests.get(name)]
    return f"the metrics are of another {', another '.join(sorted(other))} than what is to be pushed" if other else ""


def _thresholds(name: str, evaluation: Artifact) -> list[Gate] | str:
    found, problem = _or_problem(lambda: read_evaluation(evaluation.uri, name).gates)
    return problem or found or []


def _drifts(sources: Sources) -> list[Drift]:
    found = []
    for table in TABLES:
        earlier = sources.published_statistics
        gone = sources.version == 0 or is_left_out(earlier)
        if sources.version and gone and not broken(earlier):
            raise ValueError(f"version {sources.version} was published without statistics")
        published = None if gone else Path(earlier.uri) / f"{table}_statistics"
        schema = read_schema(Path(sources.schemas[table].uri))
        found += measure_drift(table, schema, Path(sources.statistics[table].uri), published)
    return found


def _sets_limits(sources: Sources) -> bool:
    compared = sources.version > 0 and not is_left_out(sources.published_statistics)
    return any(sets_limits(read_schema(Path(sources.schemas[table].uri)), compared) for table in TABLES)
