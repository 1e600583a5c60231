"""Gate: the component that blesses a whole recommender, or refuses it with reasons."""
# TFX reads the annotations of a component function at run time, so they must not be postponed.

import dataclasses
import json

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts

from components.artifacts import CandidateIndex, Metrics, Verdicts
from components.blessing import bless, is_blessed
from components.gate.verdicts import Evidence, GateConfig, judge
from components.json_file import read_json, write_json
from modules.typed_config import from_mapping


@component
def Gate(
    retrieval_blessing: InputArtifact[standard_artifacts.ModelBlessing],
    ranking_blessing: InputArtifact[standard_artifacts.ModelBlessing],
    index: InputArtifact[CandidateIndex],
    metrics: InputArtifact[Metrics],
    blessing: OutputArtifact[standard_artifacts.ModelBlessing],
    verdicts: OutputArtifact[Verdicts],
    limits: Parameter[str],
) -> None:
    """Judges the evidence and writes one blessing that TFX's Pusher understands.

    A refusal does not fail the pipeline: what follows reports it, and the Pusher does not push.

    Args:
        retrieval_blessing, ranking_blessing: from the two Evaluators.
        index: with its property `recall_at_100`.
        metrics: of popularity, retrieval and recommender.
        blessing, verdicts: outputs.
        limits: a `GateConfig` as JSON.
    """
    evidence = Evidence(
        retrieval_blessed=is_blessed(retrieval_blessing),
        ranking_blessed=is_blessed(ranking_blessing),
        index_recall=index.recall_at_100 if "recall_at_100" in index.mlmd_artifact.properties else None,
        metrics=read_json(metrics.uri, Metrics.FILE),
    )
    found = judge(evidence, from_mapping(GateConfig, json.loads(limits), "config [gate]"))
    write_json(verdicts.uri, Verdicts.FILE, [dataclasses.asdict(verdict) for verdict in found])
    bless(blessing, all(verdict.passed for verdict in found))
