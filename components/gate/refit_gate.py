"""RefitGate: the component that lets a refitted recommender out where the evaluated one passed."""
# TFX reads the annotations of a component function at run time, so they must not be postponed.

import dataclasses
import json

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts

from components.absence import is_left_out
from components.artifacts import CandidateIndex, Verdicts
from components.blessing import INFRA_MARKERS, bless, is_blessed
from components.candidate_index.files import IndexedCatalogue
from components.gate.config import GateConfig
from components.gate.index_rules import judge_index
from components.gate.reading import index_evidence, servable_digest
from components.json_file import write_json
from modules.typed_config import from_mapping


@component
def RefitGate(
    model_blessing: InputArtifact[standard_artifacts.ModelBlessing],
    infra_blessing: InputArtifact[standard_artifacts.InfraBlessing],
    index: InputArtifact[CandidateIndex],
    evaluated_index: InputArtifact[CandidateIndex],
    servable: InputArtifact[standard_artifacts.Model],
    blessing: OutputArtifact[standard_artifacts.ModelBlessing],
    verdicts: OutputArtifact[Verdicts],
    limits: Parameter[str],
) -> None:
    """Blesses only what both blessings of the evaluated recommender and the refitted index speak for.

    The refitted models themselves cannot be measured any more: they have seen the rows to measure them on.

    Args:
        model_blessing: of the Gate.
        infra_blessing: of the evaluated servable.
        index: the refitted one, with its measured properties.
        evaluated_index: the one that passed the Gate, all of whose items the refitted one has to hold.
        servable: the refitted one, which the blessing is for.
        blessing: output.
        verdicts: output; empty where the Gate refused, as there is nothing to judge then.
        limits: a `GateConfig` as JSON.
    """
    passed = is_blessed(model_blessing) is True and not is_left_out(servable)
    found = []
    if passed:
        before, now = ({*IndexedCatalogue.read(one.uri).item_ids} for one in (evaluated_index, index))
        evidence = index_evidence(index, {"index_share": len(before & now) / max(len(before), 1)})
        found = judge_index(evidence, from_mapping(GateConfig, json.loads(limits), "config [gate]"), "refit_")
    write_json(verdicts.uri, Verdicts.FILE, [dataclasses.asdict(verdict) for verdict in found])
    answers = is_blessed(infra_blessing, INFRA_MARKERS) is True
    good = passed and answers and all(verdict.passed for verdict in found)
    bless(blessing, good, of="" if is_left_out(servable) else servable_digest(servable))
