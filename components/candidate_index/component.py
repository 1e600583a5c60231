"""CandidateIndexer: the candidate tower over the whole catalogue, and the index over its vectors."""
# TFX reads the annotations of a component function at run time, so they must not be postponed.

import dataclasses
import json
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import artifact_utils, standard_artifacts
from tfx.utils import io_utils, path_utils

from components.absence import is_left_out, leave_out
from components.artifacts import CandidateIndex
from components.candidate_index.choice import check_recall, choose_plan
from components.candidate_index.files import IndexedCatalogue
from components.candidate_index.quality import check_catalogue, latency_ms, recall_against_exact
from components.candidate_index.recency import read_taken, recency_queries
from components.example_gen.splits import CATALOGUE_SPLIT, SPLIT_NAMES
from modules.catalogue import read_catalogue
from modules.errors import InputError
from modules.index.config import IndexConfig
from modules.index.index import build_index
from modules.item_age import item_age, read_releases
from modules.item_popularity import SNAPSHOTS, ItemPopularity, item_popularity
from modules.met_items import passed_items, unmet_items
from modules.recency_fit import fit_recency
from modules.restored_models import RestoredRetrieval
from modules.retriever import Retriever
from modules.roles import Roles, read_roles
from modules.serving.popularity_table import PopularityTable
from modules.training_data import query_inputs
from modules.transform_graph import TransformGraph, read_columns
from modules.typed_config import from_mapping

MEASURED_QUERIES = 500


@component
def CandidateIndexer(
    schema: InputArtifact[standard_artifacts.Schema],
    transform_graph: InputArtifact[standard_artifacts.TransformGraph],
    candidates: InputArtifact[standard_artifacts.Examples],
    queries: InputArtifact[standard_artifacts.Examples],
    interactions: InputArtifact[standard_artifacts.Examples],
    model: InputArtifact[standard_artifacts.Model],
    index: OutputArtifact[CandidateIndex],
    retriever: OutputArtifact[standard_artifacts.Model],
    config: Parameter[str],
    seed: Parameter[int],
    code_version: Parameter[str],
    chosen: InputArtifact[CandidateIndex] = None,
) -> None:
    """Embeds every item, adds what recency has to say, chooses the index, and measures it with eval's queries.

    Args:
        schema: the annotated schema.
        transform_graph: of the Transform component.
        candidates: the catalogue.
        queries: evaluation queries; those of the eval split measure recall and latency, and choose the prior.
        interactions: of train, eval and test, for the items' popularity.
        model: of the retrieval Trainer.
        index: output: ids, vectors and popularity; its properties say how good it is.
        retriever: output: query tower and index as one model of evaluation queries, for the Evaluator; left out where
            nothing is chosen any more.
        config: an `IndexConfig` as JSON.
        seed: of the lists of a partitioned index.
        code_version: digest of the code, so that changed code is never served from the cache.
        chosen: in a refit, the evaluated index, and in a refresh the published one, whose kind and prior of recent
            popularity are kept.
    """
    if is_left_out(model):
        leave_out(index)
        leave_out(retriever)
        return
    wanted = from_mapping(IndexConfig, json.loads(config), "config [index]")
    roles = read_roles(io_utils.get_only_uri_in_dir(schema.uri))
    graph = TransformGraph(transform_graph.uri)
    trained = path_utils.serving_model_path(model.uri)
    listed = artifact_utils.get_split_uri([candidates], CATALOGUE_SPLIT)
    towers = RestoredRetrieval(graph, roles, trained)
    catalogue = read_catalogue(listed, graph, roles)
    item_ids = [bytes(item) for item in catalogue.ids]
    vectors = catalogue.encoded(towers.candidate_vector)
    check_catalogue(item_ids, vectors)
    IndexedCatalogue(item_ids, vectors).write(index.uri)
    asked = artifact_utils.get_split_uri([queries], "eval")
    taken = [read_taken(artifact_utils.get_split_uri([interactions], split), catalogue, roles) for split in SPLIT_NAMES]
    unmet = unmet_items(trained, catalogue)
    age = item_age(read_releases(listed, roles.released), taken) if roles.released else None
    if chosen:
        wanted = dataclasses.replace(wanted, kind=chosen.kind)
        kept = ItemPopularity.read(chosen.uri)
        popularity = item_popularity(taken, len(item_ids), kept.window)
        passed = passed_items(trained, catalogue)
        popularity = dataclasses.replace(popularity, unmet=unmet, age=age, passed=passed).with_chosen(kept)
    else:
        questions = recency_queries(asked, catalogue, towers, roles.time)
        popularity, with_prior, without = fit_recency(taken, vectors, questions, unmet, age)
    popularity.write(index.uri)
    searched = popularity.beside(vectors)
    sample = beside_recency(query_vectors(asked, graph, roles, towers), popularity)
    plan = choose_plan(wanted, searched, sample, seed)
    plan.write(index.uri)
    built = build_index(plan, searched)
    milliseconds, recall = latency_ms(built, sample), recall_against_exact(built, searched, sample)
    check_recall(plan.kind, recall, wanted)
    index.kind, index.num_items, index.dimension = plan.kind, len(item_ids), int(vectors.shape[1])
    index.recall_at_100 = recall
    index.latency_ms = milliseconds["p50"]
    index.set_float_custom_property("bytes_per_item", built.bytes_per_item)
    if plan.partition:
        index.set_int_custom_property("lists", len(plan.partition.centroids))
        index.set_int_custom_property("probes", plan.probes)
    index.set_float_custom_property(CandidateIndex.LATENCY_P99, milliseconds["p99"])
    for name, value in popularity.weights().items():
        index.set_float_custom_property(name, value)
    if popularity.coordinates and not chosen:
        index.set_float_custom_property("recent_gain", with_prior - without)
    if chosen:
        leave_out(retriever)
        return
    with tempfile.TemporaryDirectory() as folder:
        built_in = Retriever(towers, item_ids, vectors, popularity, plan, Path(folder), roles.time)
        built_in.save(path_utils.serving_model_dir(retriever.uri))


def query_vectors(
    folder: str, graph: TransformGraph, roles: Roles, towers: RestoredRetrieval
) -> npt.NDArray[np.float32]:
    """[Q, D] float32 vectors of up to `MEASURED_QUERIES` evaluation queries.

    Raises:
        InputError: there is none to measure with.
    """
    columns = read_columns(folder, graph, query_inputs(roles))
    if not columns:
        raise InputError("table interactions, eval split", "positive interactions to evaluate with", "none")
    few = {name: tf.constant(values[:MEASURED_QUERIES]) for name, values in columns.items()}
    vectors: npt.NDArray[np.float32] = towers.query_vector(few).numpy()
    return vectors


def beside_recency(queries: npt.NDArray[np.float32], popularity: ItemPopularity) -> npt.NDArray[np.float32]:
    """Vectors of queries as they are searched with: by turns, what may be known of popularity is of each snapshot."""
    known = tf.range(len(queries)) % len(SNAPSHOTS)
    beside: npt.NDArray[np.float32] = PopularityTable(popularity).beside(tf.constant(queries), known).numpy()
    return beside
