"""The pipeline: rows → examples → models → servable, each arrow an artifact."""

from __future__ import annotations

import json

from tfx.components import Transform
from tfx.dsl.components.base.base_component import BaseComponent
from tfx.orchestration import metadata
from tfx.orchestration.pipeline import Pipeline
from tfx.proto import transform_pb2

from components.evaluation.end_to_end import EndToEndEvaluation
from components.evaluation.eval_config import ranking_eval_config, retrieval_eval_config
from components.evaluation.optional_baseline import RecommenderEvaluator
from components.gate.gate import Gate
from components.publishing.baseline import BaselineModels
from components.publishing.pusher import Pusher
from components.recommender.component import RecommenderBuilder
from components.servable_check.component import ServableCheck
from modules.roles import parse_roles
from modules.typed_config import as_json
from pipeline import refresh
from pipeline.checked_examples import checked_examples
from pipeline.inputs import Destination, RunInputs
from pipeline.models import models
from pipeline.refit import refit
from pipeline.stages import Stage, recommender_arguments

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

    # Data: rows → examples, checked before anything is learned from them, and the graph that the models read them with.
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
    transform_graph = transform.outputs["transform_graph"]

    # Models, and those that they are compared with.
    baseline = BaselineModels(
        serving_root=destination.baseline_root or destination.serving_root,
        version=destination.baseline_version,
        schema_digest=inputs.schema_digest(),
    )
    made = models(inputs, data, transform_graph, baseline)
    retrieval, index, ranking = made.retrieval.node, made.index.node, made.ranking.node

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
    of_recommender = recommender_arguments(
        inputs,
        data,
        transform_graph,
        retrieval.outputs["model"],
        ranking.outputs["model"],
        index.outputs["index"],
    )
    recommender = RecommenderBuilder(**of_recommender)
    servable_check = ServableCheck(model=recommender.outputs["model"])
    end_to_end = EndToEndEvaluation(
        schema=schema.outputs["schema"],
        transform_graph=transform_graph,
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
    limits = as_json(config.gate)
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
        again = refit(made, Stage(recommender, of_recommender), servable_check, gate, config.refit.splits, limits)
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
            "transform_graph": transform_graph,
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
        *made.nodes,
        retrieval_evaluator,
        ranking_evaluator,
        recommender,
        servable_check,
        end_to_end,
        gate,
        *(again.nodes if again else []),
        pusher,
    ]
