"""EndToEndEvaluation: the servable itself, asked the evaluation queries, beside popularity and what is published."""
# TFX reads the annotations of a component function at run time, so they must not be postponed.

import json
from pathlib import Path
from typing import Any

import tensorflow as tf
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import artifact_utils, standard_artifacts
from tfx.types.artifact import Artifact
from tfx.utils import io_utils, path_utils

from components.absence import is_left_out
from components.artifacts import CandidateIndex, Metrics
from components.candidate_index.files import IndexedCatalogue
from components.evaluation import integrity
from components.evaluation.answers import EvaluatedCatalogue, PublishedModel, ask_queries, item_counts
from components.evaluation.item_groups import category_groups, popularity_groups
from components.evaluation.ranking_errors import predict
from components.evaluation.samples import sample_recommendations
from components.example_gen.splits import CATALOGUE_SPLIT
from components.folder_digest import folder_digest
from components.json_file import write_json
from components.publishing.baseline import SCHEMA
from modules.raw_columns import first_values, read_raw_columns
from modules.roles import Roles, read_roles

GATED, SPLITS = "eval", ("eval", "test")  # the published servable is asked what is gated only


@component
def EndToEndEvaluation(
    schema: InputArtifact[standard_artifacts.Schema],
    transform_graph: InputArtifact[standard_artifacts.TransformGraph],
    interactions: InputArtifact[standard_artifacts.Examples],
    candidates: InputArtifact[standard_artifacts.Examples],
    queries: InputArtifact[standard_artifacts.Examples],
    index: InputArtifact[CandidateIndex],
    ranking: InputArtifact[standard_artifacts.Model],
    servable: InputArtifact[standard_artifacts.Model],
    published: InputArtifact[standard_artifacts.Model],
    metrics: OutputArtifact[Metrics],
    slices: Parameter[str],
    seed: Parameter[int],
    code_version: Parameter[str],
) -> None:
    """Measures what users will get, on eval for the gate and on test for the report.

    Args:
        schema: the annotated schema.
        transform_graph: for what its vocabularies hold.
        interactions: for popularity and for the ranker's errors.
        candidates: the catalogue.
        queries: evaluation queries.
        index: for the ids and vectors that it holds.
        ranking: the ranking model.
        servable: the recommender.
        published: the servable of the last published version, if there is one; asked the same queries of eval.
        metrics: output: "eval" and "test", system by system; "ranking"; "slices"; "samples"; "integrity";
            "evidence_of", digests of what was evaluated; and, query by query, `query_values.FILE`.
        slices: columns to break the metrics down by, as a JSON list.
        seed: of the bootstrap and of the sampled users.
        code_version: digest of the code, so that changed code is never served from the cache.
    """
    roles = read_roles(io_utils.get_only_uri_in_dir(schema.uri))
    indexed = IndexedCatalogue.read(index.uri)
    rows = {split: artifact_utils.get_split_uri([interactions], split) for split in ("train", *SPLITS)}
    asked = {split: artifact_utils.get_split_uri([queries], split) for split in (*SPLITS, "serving")}
    catalogue = _catalogue(artifact_utils.get_split_uri([candidates], CATALOGUE_SPLIT), rows["train"], roles)
    model, ranker = (tf.saved_model.load(path_utils.serving_model_path(one.uri)) for one in (servable, ranking))
    found: dict[str, Any] = {"slices": {}, "difference": {}, "intervals": {}, "ranking": {}}
    for split in SPLITS:
        before = _published(published) if split == GATED else None
        systems, checks = ask_queries(asked[split], model, catalogue, roles, json.loads(slices), before)
        found[split] = systems.metrics()
        found["slices"][split] = systems.slices()
        found["difference"][split] = systems.differences(seed)
        found["intervals"][split] = systems.intervals(seed)
        predictions = predict(rows[split], ranker, roles)
        found["ranking"][split] = predictions.metrics()
        if split == GATED:
            systems.query_values().write(metrics.uri)
            found["integrity"] = {
                "duplicates": integrity.duplicates(asked[split], rows["train"], rows[split], roles),
                "vocabulary": integrity.vocabulary_shares(transform_graph.uri, rows["train"], roles),
                "leaks": integrity.leaks(rows["train"], rows[split], roles),
                "index_share": len({*catalogue.item_ids} & {*indexed.item_ids}) / max(len(catalogue.item_ids), 1),
                "answers": integrity.answer_facts(
                    checks, catalogue.titles is not None, predictions.predicted, predictions.actual
                ),
            }
    titles = dict(zip(catalogue.item_ids, catalogue.titles or [b""] * len(catalogue.item_ids), strict=True))
    shown = [titles[item] for item in indexed.item_ids]
    found["samples"] = sample_recommendations(asked["serving"], model, indexed, shown, roles, seed)
    found["evidence_of"] = evidence_of(servable, index, queries, published)
    write_json(metrics.uri, Metrics.FILE, found)


def evidence_of(servable: Artifact, index: Artifact, queries: Artifact, published: Artifact) -> dict[str, str]:
    """Digests of what the evidence is about: it is no evidence for anything else."""
    found = {
        "servable": folder_digest(Path(path_utils.serving_model_path(servable.uri))),
        "index": folder_digest(Path(index.uri)),
        "queries": folder_digest(Path(artifact_utils.get_split_uri([queries], GATED))),
    }
    if not is_left_out(published):
        found["published"] = folder_digest(Path(path_utils.serving_model_path(published.uri)))
    return found


def _catalogue(folder: str, train: str, roles: Roles) -> EvaluatedCatalogue:
    wanted = dict.fromkeys([roles.item_id, *([roles.title] if roles.title else [])], tf.string)
    raw = read_raw_columns(folder, wanted)
    item_ids = first_values(raw[roles.item_id])
    counts = item_counts(train, roles, item_ids)
    titles = first_values(raw[roles.title]) if roles.title else None
    return EvaluatedCatalogue(item_ids, counts, titles, [*popularity_groups(counts), *category_groups(folder, roles)])


def _published(artifact: Artifact) -> PublishedModel | None:
    if is_left_out(artifact):
        return None
    model = tf.saved_model.load(path_utils.serving_model_path(artifact.uri))
    return PublishedModel(model, artifact.get_int_custom_property(SCHEMA) == 1)
