"""Gate: the component that blesses a whole recommender, or refuses it with reasons."""
# TFX reads the annotations of a component function at run time, so they must not be postponed.

import dataclasses
import json

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts

from components.artifacts import CandidateIndex, Metrics, PublishedStatistics, Verdicts
from components.blessing import bless
from components.evaluation.end_to_end import evidence_of
from components.gate.config import GateConfig
from components.gate.judge import judge
from components.gate.reading import Sources, read_evidence, servable_digest
from components.json_file import write_json
from components.publishing.parts import VERSION
from modules.typed_config import from_mapping


@component
def Gate(
    retrieval_blessing: InputArtifact[standard_artifacts.ModelBlessing],
    ranking_blessing: InputArtifact[standard_artifacts.ModelBlessing],
    retrieval_evaluation: InputArtifact[standard_artifacts.ModelEvaluation],
    ranking_evaluation: InputArtifact[standard_artifacts.ModelEvaluation],
    index: InputArtifact[CandidateIndex],
    servable: InputArtifact[standard_artifacts.Model],
    queries: InputArtifact[standard_artifacts.Examples],
    metrics: InputArtifact[Metrics],
    published: InputArtifact[standard_artifacts.Model],
    published_retriever: InputArtifact[standard_artifacts.Model],
    published_ranking: InputArtifact[standard_artifacts.Model],
    published_statistics: InputArtifact[PublishedStatistics],
    interactions_statistics: InputArtifact[standard_artifacts.ExampleStatistics],
    candidates_statistics: InputArtifact[standard_artifacts.ExampleStatistics],
    interactions_schema: InputArtifact[standard_artifacts.Schema],
    candidates_schema: InputArtifact[standard_artifacts.Schema],
    blessing: OutputArtifact[standard_artifacts.ModelBlessing],
    verdicts: OutputArtifact[Verdicts],
    limits: Parameter[str],
    withdrawn: Parameter[int],
) -> None:
    """Judges the evidence and writes one blessing, which names the servable that it is for.

    A refusal does not fail the pipeline: what follows reports it, and the Pusher does not push.

    Args:
        retrieval_blessing, ranking_blessing, retrieval_evaluation, ranking_evaluation: from the two Evaluators.
        index: with its measured properties.
        servable: what is to be pushed.
        queries: those of eval, which the metrics must have been measured on.
        metrics: of EndToEndEvaluation.
        published, published_retriever, published_ranking, published_statistics: of the last published version.
        interactions_statistics, candidates_statistics: of the data.
        interactions_schema, candidates_schema: with limits of drift and skew.
        blessing, verdicts: outputs.
        limits: a `GateConfig` as JSON.
        withdrawn: 1 where a version of the very same run was published and rolled back.
    """
    sources = Sources(
        blessings={"retrieval": retrieval_blessing, "ranking": ranking_blessing},
        evaluations={"retrieval": retrieval_evaluation, "ranking": ranking_evaluation},
        index=index,
        metrics=metrics,
        digests=evidence_of(servable, index, queries, published),
        baseline=(published, published_retriever, published_ranking, published_statistics),
        statistics={"interactions": interactions_statistics, "candidates": candidates_statistics},
        schemas={"interactions": interactions_schema, "candidates": candidates_schema},
        published_statistics=published_statistics,
        version=published.get_int_custom_property(VERSION),
        withdrawn=withdrawn == 1,
    )
    evidence = read_evidence(sources)
    found = judge(evidence, from_mapping(GateConfig, json.loads(limits), "config [gate]"))
    write_json(verdicts.uri, Verdicts.FILE, [dataclasses.asdict(verdict) for verdict in found])
    drifts = [] if isinstance(evidence.drifts, str) else [dataclasses.asdict(drift) for drift in evidence.drifts]
    write_json(verdicts.uri, Verdicts.DRIFTS, drifts)
    bless(blessing, all(verdict.passed for verdict in found), of=servable_digest(servable))
