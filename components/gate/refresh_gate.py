"""RefreshGate: the component that lets a refreshed catalogue out, or refuses it with reasons."""
# TFX reads the annotations of a component function at run time, so they must not be postponed.

import dataclasses
import json

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts

from components.artifacts import CandidateIndex, DataFacts, Verdicts
from components.blessing import bless
from components.candidate_index.files import IndexedCatalogue
from components.example_gen.executor import read_facts
from components.example_gen.item_shard import UNKNOWN_ITEMS
from components.example_gen.splits import CATALOGUE_SPLIT
from components.gate.config import GateConfig
from components.gate.index_rules import judge_index
from components.gate.reading import index_evidence, servable_digest
from components.gate.refresh_verdicts import Catalogues, RefreshConfig, judge_refresh
from components.json_file import write_json
from components.source import INTERACTIONS
from modules.typed_config import from_mapping


@component
def RefreshGate(
    index: InputArtifact[CandidateIndex],
    published: InputArtifact[CandidateIndex],
    facts: InputArtifact[DataFacts],
    servable: InputArtifact[standard_artifacts.Model],
    blessing: OutputArtifact[standard_artifacts.ModelBlessing],
    verdicts: OutputArtifact[Verdicts],
    limits: Parameter[str],
    refresh_limits: Parameter[str],
) -> None:
    """Judges a catalogue that published models were put over.

    The models were judged when they were published, and are the same.

    Args:
        index: over the catalogue, with its measured properties.
        published: the index that is served.
        facts: what was read.
        servable: what is to be pushed, which the blessing is for.
        blessing, verdicts: outputs.
        limits: a `GateConfig` as JSON, of which the limits of the index hold.
        refresh_limits: a `RefreshConfig` as JSON.
    """
    counted, items = read_facts(facts.uri), IndexedCatalogue.read(index.uri).item_ids
    catalogue = counted["candidates_rows"][CATALOGUE_SPLIT]
    evidence = index_evidence(index, {"index_share": len(set(items)) / max(catalogue, 1)})
    catalogues = Catalogues(
        items=items,
        published=IndexedCatalogue.read(published.uri).item_ids,
        interactions=counted["rows"][INTERACTIONS],
        unknown=counted.get(UNKNOWN_ITEMS, 0),
    )
    found = judge_index(evidence, from_mapping(GateConfig, json.loads(limits), "config [gate]"), "refresh_")
    found += judge_refresh(catalogues, from_mapping(RefreshConfig, json.loads(refresh_limits), "config [refresh]"))
    write_json(verdicts.uri, Verdicts.FILE, [dataclasses.asdict(verdict) for verdict in found])
    bless(blessing, all(verdict.passed for verdict in found), of=servable_digest(servable))
