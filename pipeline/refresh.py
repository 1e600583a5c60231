"""The refresh: the published models over the catalogue of today, without training."""

from __future__ import annotations

import dataclasses
import json

from tfx.components import ExampleValidator, StatisticsGen
from tfx.dsl.components.base.base_component import BaseComponent
from tfx.orchestration import metadata
from tfx.orchestration.pipeline import Pipeline

from components.candidate_index.component import CandidateIndexer
from components.example_gen.component import TableExampleGen
from components.example_gen.settings import ExampleSettings
from components.gate.refresh_gate import RefreshGate
from components.publishing.published_recommender import PublishedRecommender
from components.publishing.refresh_pusher import RefreshPusher
from components.recommender.component import RecommenderBuilder
from components.servable_check.component import ServableCheck
from components.table_schemas.annotated_schema import AnnotatedSchema
from components.table_schemas.component import TableSchemas
from components.validation_gate.component import ValidationGate
from modules.typed_config import as_mapping
from pipeline.inputs import Destination, RunInputs

NAME = "recommender-refresh"


def create_refresh_pipeline(
    inputs: RunInputs,
    pipeline_root: str,
    destination: Destination,
    beam_pipeline_args: list[str],
    metadata_path: str | None = None,
) -> Pipeline:
    """Wires the components; the arguments are those of `pipeline.pipeline.create_pipeline`.

    Args:
        inputs: what the run is made of; of its configuration, what is about training has no effect.
        pipeline_root: folder or URI of the artifacts.
        destination: where it publishes; `baseline_version` is the version whose models are taken, 0 for the newest.
        beam_pipeline_args: passed to Beam untouched.
        metadata_path: SQLite file of ML Metadata; None where the orchestrator brings its own.
    """
    return Pipeline(
        pipeline_name=NAME,
        pipeline_root=pipeline_root,
        components=components(inputs, destination),
        enable_cache=True,
        metadata_connection_config=(
            metadata.sqlite_metadata_connection_config(metadata_path) if metadata_path else None
        ),
        beam_pipeline_args=beam_pipeline_args,
    )


def components(inputs: RunInputs, destination: Destination) -> list[BaseComponent]:
    """The components, in the order in which data meets them."""
    config, code = inputs.config, inputs.code_version
    schema = AnnotatedSchema(text=inputs.schema_text)
    schemas = TableSchemas(schema=schema.outputs["schema"], code_version=code)
    published = PublishedRecommender(
        serving_root=destination.serving_root,
        version=destination.baseline_version,
        schema_digest=inputs.schema_digest(),
    )
    examples = TableExampleGen(
        schema=schema.outputs["schema"],
        source=inputs.source,
        span=inputs.span,
        fingerprint=inputs.fingerprint,
        settings=ExampleSettings(
            # The gate has limits of its own for interactions with items that are gone.
            data=dataclasses.replace(config.data, max_unknown_items=1.0),
            protocol=config.evaluation.protocol,
            max_queries=config.evaluation.max_queries,
            history_until=config.serving.history_until,
        ),
        seed=inputs.seed,
        code_version=code,
    )
    statistics, validators = {}, {}
    for name in ("interactions", "candidates"):
        statistics[name] = StatisticsGen(examples=examples.outputs[name], schema=schemas.outputs[name]).with_id(
            f"StatisticsGen.{name}"
        )
        validators[name] = ExampleValidator(
            statistics=statistics[name].outputs["statistics"], schema=schemas.outputs[name]
        ).with_id(f"ExampleValidator.{name}")
    validation_gate = ValidationGate(
        interactions_anomalies=validators["interactions"].outputs["anomalies"],
        interactions_statistics=statistics["interactions"].outputs["statistics"],
        candidates_anomalies=validators["candidates"].outputs["anomalies"],
        candidates_statistics=statistics["candidates"].outputs["statistics"],
    )
    index = CandidateIndexer(
        schema=schema.outputs["schema"],
        transform_graph=published.outputs["transform_graph"],
        candidates=examples.outputs["candidates"],
        queries=examples.outputs["queries"],
        interactions=examples.outputs["interactions"],
        model=published.outputs["retrieval"],
        chosen=published.outputs["index"],
        config=json.dumps(as_mapping(config.index), sort_keys=True),
        seed=inputs.seed,
        code_version=code,
    )
    index.add_upstream_node(validation_gate)
    recommender = RecommenderBuilder(
        schema=schema.outputs["schema"],
        transform_graph=published.outputs["transform_graph"],
        candidates=examples.outputs["candidates"],
        queries=examples.outputs["queries"],
        retrieval=published.outputs["retrieval"],
        ranking=published.outputs["ranking"],
        index=index.outputs["index"],
        chosen=published.outputs["servable"],
        serving=json.dumps(as_mapping(config.serving), sort_keys=True),
        rules=inputs.rules_text,
        history_length=config.data.history_length,
        code_version=code,
    )
    servable_check = ServableCheck(model=recommender.outputs["model"])
    gate = RefreshGate(
        index=index.outputs["index"],
        published=published.outputs["index"],
        facts=examples.outputs["facts"],
        servable=recommender.outputs["model"],
        limits=json.dumps(as_mapping(config.gate), sort_keys=True),
        refresh_limits=json.dumps(as_mapping(config.refresh), sort_keys=True),
    )
    pusher = RefreshPusher(
        model=recommender.outputs["model"],
        index=index.outputs["index"],
        published=published.outputs["servable"],
        model_blessing=gate.outputs["blessing"],
        infra_blessing=servable_check.outputs["blessing"],
        serving_root=destination.serving_root,
        store_id=destination.store_id,
        run_digest=inputs.digest(),
        config=inputs.config.changed_json(),
    ).with_id("Pusher")
    return [
        schema,
        schemas,
        published,
        examples,
        *statistics.values(),
        *validators.values(),
        validation_gate,
        index,
        recommender,
        servable_check,
        gate,
        pusher,
    ]
