"""RecommenderBuilder: everything that was trained, as one SavedModel that answers raw requests."""
# TFX reads the annotations of a component function at run time, so they must not be postponed.

import dataclasses
import json
import tempfile
from pathlib import Path

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import artifact_utils, standard_artifacts
from tfx.utils import io_utils, path_utils

from components.absence import is_left_out, leave_out
from components.artifacts import CandidateIndex
from components.candidate_index.files import IndexedCatalogue
from components.example_gen.splits import CATALOGUE_SPLIT
from components.json_file import read_json, write_json
from components.recommender.diversity import DIVERSITY_FILE, diversity_curve
from components.recommender.stage_scores import eval_stage_scores
from components.recommender.tables import catalogue_table, user_table
from components.servable_check.component import SAMPLE_REQUESTS
from modules.blend_fit import fit_blend
from modules.catalogue import read_catalogue
from modules.index.plan import IndexPlan
from modules.item_popularity import ItemPopularity
from modules.raw_columns import serialized_batches
from modules.restored_models import RestoredModels
from modules.roles import Table, read_roles
from modules.serving.config import Blend, ServingConfig
from modules.serving.rules import parse_rules
from modules.serving.servable import Servable
from modules.serving.tables import Names
from modules.serving.warmup import as_json_requests, sample_requests, write_warmup
from modules.transform_graph import TransformGraph
from modules.typed_config import from_mapping

EXTRA, BLEND_FILE = "assets.extra", "blend.json"


@component
def RecommenderBuilder(
    schema: InputArtifact[standard_artifacts.Schema],
    transform_graph: InputArtifact[standard_artifacts.TransformGraph],
    candidates: InputArtifact[standard_artifacts.Examples],
    queries: InputArtifact[standard_artifacts.Examples],
    retrieval: InputArtifact[standard_artifacts.Model],
    ranking: InputArtifact[standard_artifacts.Model],
    index: InputArtifact[CandidateIndex],
    model: OutputArtifact[standard_artifacts.Model],
    serving: Parameter[str],
    rules: Parameter[str],
    history_length: Parameter[int],
    code_version: Parameter[str],
    chosen: InputArtifact[standard_artifacts.Model] = None,
) -> None:
    """Fits the final order on the eval split and writes the servable with its warm-up requests.

    Args:
        schema: the annotated schema.
        transform_graph: of the Transform component.
        candidates: the catalogue.
        queries: evaluation queries, of which eval fits the blend, and the state of every user.
        retrieval, ranking: the trained models.
        index: ids and vectors of the catalogue.
        model: output: the servable.
        serving: a `ServingConfig` as JSON.
        rules: text of the rules file; empty for none.
        history_length: how many past items the towers get.
        code_version: digest of the code, so that changed code is never served from the cache.
        chosen: in a refit, the evaluated servable, and in a refresh the published one, whose blend is kept.
    """
    if is_left_out(ranking):
        leave_out(model)
        return
    config = from_mapping(ServingConfig, json.loads(serving), "config [serving]")
    roles = read_roles(io_utils.get_only_uri_in_dir(schema.uri))
    graph = TransformGraph(transform_graph.uri)
    models = RestoredModels(
        graph, roles, path_utils.serving_model_path(retrieval.uri), path_utils.serving_model_path(ranking.uri)
    )
    config.check(roles)
    parsed_rules = parse_rules(rules, roles, config.rules or "rules")
    folder = artifact_utils.get_split_uri([candidates], CATALOGUE_SPLIT)
    indexed = IndexedCatalogue.read(index.uri)
    catalogue = read_catalogue(folder, graph, roles)
    kept = {*parsed_rules.cap, *([config.calibrated] if config.calibrated else [])}
    popularity = ItemPopularity.read(index.uri)
    items = catalogue_table(folder, catalogue, indexed, IndexPlan.read(index.uri), popularity, models, roles, kept)
    users = user_table(artifact_utils.get_split_uri([queries], "serving"), indexed.item_ids, roles)
    eval_folder = artifact_utils.get_split_uri([queries], "eval")
    if chosen:
        evaluated = Path(path_utils.serving_model_path(chosen.uri)) / EXTRA
        order, curve = (read_json(evaluated, file) for file in (BLEND_FILE, DIVERSITY_FILE))
        blend = Blend(**order["weights"])
    else:
        depth = config.depth(len(indexed.item_ids))
        scores, positions = eval_stage_scores(eval_folder, items, models, depth, roles.time)
        blend, blended, alone = fit_blend(scores)
        fitted = {"ndcg@10": blended, "retrieval_ndcg@10": alone}
        order = {"weights": dataclasses.asdict(blend), "eval": fitted}
        curve = diversity_curve(scores, positions, blend, items, float(config.diversity))
    target = path_utils.serving_model_dir(model.uri)
    with tempfile.TemporaryDirectory() as assets:
        servable = Servable(
            items,
            users,
            models,
            blend,
            config,
            parsed_rules,
            history_length,
            Names(roles.user_id, roles.item_id, time=roles.time),
            assets,
            items_like=bool(roles.features(Table.ITEM)),
        )
        servable.save(target)
    examples = first_example(eval_folder), first_example(folder)
    requests = sample_requests(users.user_ids[0], items.item_ids[0], *examples)
    if not servable.items_like:
        del requests["items_like"]
    write_warmup(target, requests)
    extra = Path(target) / EXTRA
    write_json(extra, SAMPLE_REQUESTS, as_json_requests(requests))
    write_json(extra, BLEND_FILE, order)
    write_json(extra, DIVERSITY_FILE, curve)


def first_example(folder: str) -> bytes:
    """The first serialised example of a split, empty if it has none."""
    return next((bytes(batch.numpy()[0]) for batch in serialized_batches(folder, 1, limit=1)), b"")
