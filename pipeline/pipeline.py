"""The pipeline: rows → examples → models → servable, each arrow an artifact."""

from __future__ import annotations

import json

from tfx.components import Transform
from tfx.dsl.components.base.base_component import BaseComponent
from tfx.orchestration import metadata
from tfx.orchestration.pipeline import Pipeline
from tfx.proto import transform_pb2

from components.candidate_index.component import CandidateIndexer
from components.evaluation.end_to_end import EndToEndEvaluation
from components.evaluation.eval_config import ranking_eval_config, retrieval_eval_config
from components.evaluation.optional_baseline import RecommenderEvaluator
from components.gate.gate import Gate
from components.publishing.baseline import BaselineModels
from components.publishing.pusher import Pusher
from components.recommender.component import RecommenderBuilder
from components.servable_check.component import ServableCheck
from components.training.trainer import RecommenderTrainer
from components.training.tuner import RecommenderTuner
from modules.roles import parse_roles
from modules.typed_config import as_mapping
from pipeline import refresh
from pipeline.checked_examples import checked_examples
from pipeline.inputs import Destination, RunInputs
from pipeline.refit import Arguments, Stage, refit

NAME = "recommender"


def create_pipeline(
    inputs: RunInputs,
    pipeline_root: str,
    destination: Destination,
    beam_pipeline_args: list[str],
    metadata_path: str | None = None,
    refresh_catalogue: bool = False,
) -> Pipeline:
    """The pipeline, or the refresh.

    Args:
        inputs: what the run is made of.
        pipeline_root: folder or URI of the artifacts.
        destination: where it publishes.
        beam_pipeline_args: passed to Beam untouched.
        metadata_path: SQLite file of ML Metadata; None where the orchestrator brings its own.
        refresh_catalogue: whether it is the refresh.
    """
    name, wiring = (refresh.NAME, refresh.components) if refresh_catalogue else (NAME, components)
    return Pipeline(
        pipeline_name=name,
        pipeline_root=pipeline_root,
        components=wiring(inputs, destination),
        enable_cache=True,
        metadata_connection_config=(
            metadata.sqlite_metadata_connection_config(metadata_path) if metadata_path else None
        ),
        beam_pipeline_args=beam_pipeline_args,
    )


def components(inputs: RunInputs, destination: Destination) -> list[BaseComponent]:
    """The components, in the order in which data meets them."""
    config, code = inputs.config, inputs.code_version
    roles = parse_roles(inputs.schema_text)

    data = checked_examples(inputs, config.data)
    schema, schemas, examples = data.schema, data.schemas, data.examples
    transform = Transform(
        examples=examples.outputs["interactions"],
        schema=schemas.outputs["transform"],
        preprocessing_fn="modules.preprocessing.preprocessing_fn",
        splits_config=transform_pb2.SplitsConfig(analyze=["train"]),
        custom_config={
            "schema": inputs.schema_text,
            "code_version": code,
        },
        materialize=False,  # the trainers apply the graph themselves, thousands of rows at a time
        disable_analyzer_cache=True,
        disable_statistics=True,
    )
    transform.add_upstream_node(data.gate)

    # Models: two Trainers, and the index over what the first one makes of the catalogue.
    to_train = {
        "candidates": examples.outputs["candidates"],
        "examples": examples.outputs["interactions"],
        "transform_graph": transform.outputs["transform_graph"],
        "schema": schema.outputs["schema"],
        "seed": inputs.seed,
    }
    common = {
        "protocol": config.evaluation.resolved_protocol(roles),
        "positive_min": config.data.positive_min,
        "warm_start": as_mapping(config.warm_start),
        "code_version": code,
    }
    to_trainers = {"compute": as_mapping(config.compute), **common}
    baseline = BaselineModels(
        serving_root=destination.baseline_root or destination.serving_root,
        version=destination.baseline_version,
        schema_digest=inputs.schema_digest(),
    )
    published = {
        name: baseline.outputs[f"{name}_state"] if config.warm_start.enabled else None
        for name in ("retrieval", "ranking")
    }
    search = []
    if config.tuner.trials:
        tuner = RecommenderTuner(
            tuner_fn="modules.tuner.tuner_fn",
            custom_config={"retrieval": as_mapping(config.retrieval), "tuner": as_mapping(config.tuner), **common},
            **to_train,
        ).with_id("Tuner.retrieval")
        search.append(tuner)
    of_retrieval: Arguments = {
        "run_fn": "modules.retrieval.run_fn",
        "custom_config": {"retrieval": as_mapping(config.retrieval), **to_trainers},
        "hyperparameters": search[0].outputs["best_hyperparameters"] if search else None,
        "previous": published["retrieval"],
        **to_train,
    }
    retrieval = RecommenderTrainer(**of_retrieval).with_id("Trainer.retrieval")
    of_index: Arguments = {
        "schema": schema.outputs["schema"],
        "transform_graph": transform.outputs["transform_graph"],
        "candidates": examples.outputs["candidates"],
        "queries": examples.outputs["queries"],
        "interactions": examples.outputs["interactions"],
        "model": retrieval.outputs["model"],
        "config": json.dumps(as_mapping(config.index), sort_keys=True),
        "seed": inputs.seed,
        "code_version": code,
    }
    index = CandidateIndexer(**of_index)
    of_ranking: Arguments = {
        "run_fn": "modules.ranking.run_fn",
        "custom_config": {"ranking": as_mapping(config.ranking), **to_trainers},
        "base_model": retrieval.outputs["model"],
        "previous": published["ranking"],
        **to_train,
    }
    ranking = RecommenderTrainer(**of_ranking).with_id("Trainer.ranking")

    # Evidence: each model against its thresholds and the last published one.
    retrieval_evaluator = RecommenderEvaluator(
        examples=examples.outputs["queries"],
        model=index.outputs["retriever"],
        baseline_model=baseline.outputs["retriever"],
        eval_config=retrieval_eval_config(config.gate, config.evaluation.ks, slice_columns=inputs.slice_columns),
        schema=schemas.outputs["queries"],
        example_splits=["eval"],
    ).with_id("Evaluator.retrieval")
    ranking_evaluator = RecommenderEvaluator(
        examples=examples.outputs["interactions"],
        model=ranking.outputs["model"],
        baseline_model=baseline.outputs["ranking"],
        eval_config=ranking_eval_config(roles, config.gate, slice_columns=inputs.slice_columns),
        schema=schemas.outputs["interactions"],
        example_splits=["eval"],
    ).with_id("Evaluator.ranking")

    # The servable, what it does end to end, and whether it may go out.
    of_recommender: Arguments = {
        "schema": schema.outputs["schema"],
        "transform_graph": transform.outputs["transform_graph"],
        "candidates": examples.outputs["candidates"],
        "queries": examples.outputs["queries"],
        "retrieval": retrieval.outputs["model"],
        "ranking": ranking.outputs["model"],
        "index": index.outputs["index"],
        "serving": json.dumps(as_mapping(config.serving), sort_keys=True),
        "rules": inputs.rules_text,
        "history_length": config.data.history_length,
        "code_version": code,
    }
    recommender = RecommenderBuilder(**of_recommender)
    servable_check = ServableCheck(model=recommender.outputs["model"])
    end_to_end = EndToEndEvaluation(
        schema=schema.outputs["schema"],
        transform_graph=transform.outputs["transform_graph"],
        interactions=examples.outputs["interactions"],
        candidates=examples.outputs["candidates"],
        queries=examples.outputs["queries"],
        index=index.outputs["index"],
        ranking=ranking.outputs["model"],
        servable=recommender.outputs["model"],
        published=baseline.outputs["servable"],
        slices=json.dumps(inputs.slice_columns),
        seed=inputs.seed,
        code_version=code,
    )
    limits = json.dumps(as_mapping(config.gate), sort_keys=True)
    gate = Gate(
        retrieval_blessing=retrieval_evaluator.outputs["blessing"],
        ranking_blessing=ranking_evaluator.outputs["blessing"],
        retrieval_evaluation=retrieval_evaluator.outputs["evaluation"],
        ranking_evaluation=ranking_evaluator.outputs["evaluation"],
        index=index.outputs["index"],
        servable=recommender.outputs["model"],
        queries=examples.outputs["queries"],
        metrics=end_to_end.outputs["metrics"],
        published=baseline.outputs["servable"],
        published_retriever=baseline.outputs["retriever"],
        published_ranking=baseline.outputs["ranking"],
        published_statistics=baseline.outputs["statistics"],
        interactions_statistics=data.statistics["interactions"].outputs["statistics"],
        candidates_statistics=data.statistics["candidates"].outputs["statistics"],
        interactions_schema=schemas.outputs["interactions"],
        candidates_schema=schemas.outputs["candidates"],
        limits=limits,
        withdrawn=int(destination.withdrawn),
    )
    again = None
    if config.refit.splits:
        again = refit(
            Stage(retrieval, of_retrieval),
            Stage(index, of_index),
            Stage(ranking, of_ranking),
            Stage(recommender, of_recommender),
            servable_check,
            gate,
            config.refit.splits,
            limits,
        )
    pusher = Pusher(
        model=again.model if again else recommender.outputs["model"],
        retriever=index.outputs["retriever"],
        ranking=ranking.outputs["model"],
        metrics=end_to_end.outputs["metrics"],
        model_blessing=again.model_blessing if again else gate.outputs["blessing"],
        infra_blessing=again.infra_blessing if again else servable_check.outputs["blessing"],
        serving_root=destination.serving_root,
        store_id=destination.store_id,
        run_digest=inputs.digest(),
        schema_digest=inputs.schema_digest(),
        baseline=baseline.outputs["servable"],
        kept={
            "retrieval_state": retrieval.outputs["state"],
            "ranking_state": ranking.outputs["state"],
            **{f"{name}_statistics": node.outputs["statistics"] for name, node in data.statistics.items()},
            "served_retrieval": (again.retrieval if again else retrieval).outputs["model"],
            "served_index": (again.index if again else index).outputs["index"],
            "transform_graph": transform.outputs["transform_graph"],
            **({"served_ranking": again.ranking.outputs["model"]} if again else {}),
        },
        evaluated_model=recommender.outputs["model"] if again else None,
        refit_splits=config.refit.splits,
        config=config.changed_json(),
    )
    return [
        *data.nodes,
        transform,
        baseline,
        *search,
        retrieval,
        index,
        ranking,
        retrieval_evaluator,
        ranking_evaluator,
        recommender,
        servable_check,
        end_to_end,
        gate,
        *(again.nodes if again else []),
        pusher,
    ]
