"""EndToEndEvaluation: the servable itself, asked the evaluation queries, beside retrieval alone and popularity."""
# TFX reads the annotations of a component function at run time, so they must not be postponed.

import json
from typing import Any

import tensorflow as tf
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import artifact_utils, standard_artifacts
from tfx.utils import io_utils, path_utils

from components.artifacts import CandidateIndex, Metrics
from components.candidate_index.files import IndexedCatalogue
from components.evaluation.answers import Systems, ask_queries, item_counts
from components.evaluation.ranking_errors import ranking_metrics
from components.evaluation.samples import sample_recommendations
from components.example_gen.splits import CATALOGUE_SPLIT
from components.json_file import write_json
from modules.raw_columns import first_values, read_raw_columns
from modules.roles import read_roles

SPLITS = ("eval", "test")


@component
def EndToEndEvaluation(
    schema: InputArtifact[standard_artifacts.Schema],
    interactions: InputArtifact[standard_artifacts.Examples],
    candidates: InputArtifact[standard_artifacts.Examples],
    queries: InputArtifact[standard_artifacts.Examples],
    index: InputArtifact[CandidateIndex],
    ranking: InputArtifact[standard_artifacts.Model],
    servable: InputArtifact[standard_artifacts.Model],
    metrics: OutputArtifact[Metrics],
    slices: Parameter[str],
    seed: Parameter[int],
    code_version: Parameter[str],
) -> None:
    """Measures what users will get, on eval for the gate and on test for the report.

    Args:
        schema: the annotated schema.
        interactions: for popularity and for the ranker's errors.
        candidates: for the titles.
        queries: evaluation queries.
        index: for the ids and vectors of the catalogue.
        ranking: the ranking model.
        servable: the recommender.
        metrics: output: "eval" and "test", system by system; "ranking"; "slices"; "samples".
        slices: columns to break the metrics down by, as a JSON list.
        seed: of the bootstrap and of the sampled users.
        code_version: digest of the code, so that changed code is never served from the cache.
    """
    roles = read_roles(io_utils.get_only_uri_in_dir(schema.uri))
    indexed = IndexedCatalogue.read(index.uri)
    item_ids = indexed.item_ids
    model = tf.saved_model.load(path_utils.serving_model_path(servable.uri))
    counts = item_counts(artifact_utils.get_split_uri([interactions], "train"), roles, item_ids)
    found: dict[str, Any] = {"slices": {}, "difference": {}, "intervals": {}}
    for split in SPLITS:
        systems: Systems = ask_queries(
            artifact_utils.get_split_uri([queries], split), model, item_ids, counts, roles, json.loads(slices)
        )
        found[split] = systems.metrics()
        found["slices"][split] = systems.slices()
        found["difference"][split] = systems.differences(seed)
        found["intervals"][split] = systems.intervals(seed)
    ranker = tf.saved_model.load(path_utils.serving_model_path(ranking.uri))
    found["ranking"] = {
        split: ranking_metrics(artifact_utils.get_split_uri([interactions], split), ranker, roles) for split in SPLITS
    }
    titles = [b""] * len(item_ids)
    if roles.title:
        catalogue = artifact_utils.get_split_uri([candidates], CATALOGUE_SPLIT)
        titles = first_values(read_raw_columns(catalogue, {roles.title: tf.string})[roles.title])
    found["samples"] = sample_recommendations(
        artifact_utils.get_split_uri([queries], "serving"), model, indexed, titles, roles, seed
    )
    write_json(metrics.uri, Metrics.FILE, found)
