"""RefitGate: the component that lets a refitted recommender out where the evaluated one passed."""
# TFX reads the annotations of a component function at run time, so they must not be postponed.

import dataclasses
import json

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts

from components.artifacts import CandidateIndex, Verdicts
from components.blessing import INFRA_MARKERS, bless, is_blessed
from components.gate.verdicts import Evidence, GateConfig, judge_refit
from components.json_file import write_json
from modules.typed_config import from_mapping


@component
def RefitGate(
    model_blessing: InputArtifact[standard_artifacts.ModelBlessing],
    infra_blessing: InputArtifact[standard_artifacts.InfraBlessing],
    index: InputArtifact[CandidateIndex],
    blessing: OutputArtifact[standard_artifacts.ModelBlessing],
    verdicts: OutputArtifact[Verdicts],
    limits: Parameter[str],
) -> None:
    """Blesses only what both blessings of the evaluated recommender and the refitted index speak for.

    The refitted models themselves cannot be measured any more: they have seen the rows to measure them on.

    Args:
        model_blessing: of the Gate.
        infra_blessing: of the evaluated servable.
        index: the refitted one, with its property `recall_at_100`.
        blessing: output.
        verdicts: output; empty where the Gate refused, as there is nothing to judge then.
        limits: a `GateConfig` as JSON.
    """
    passed = is_blessed(model_blessing) is True
    recall = index.recall_at_100 if "recall_at_100" in index.mlmd_artifact.properties else None
    found = judge_refit(Evidence(index_recall=recall), from_mapping(GateConfig, json.loads(limits), "config [gate]"))
    write_json(verdicts.uri, Verdicts.FILE, [dataclasses.asdict(verdict) for verdict in found] if passed else [])
    answers = is_blessed(infra_blessing, INFRA_MARKERS) is True
    bless(blessing, passed and answers and all(verdict.passed for verdict in found))
