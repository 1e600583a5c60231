"""The refresh: the published models over the catalogue of today, without training."""

from __future__ import annotations

import dataclasses
import json

from tfx.dsl.components.base.base_component import BaseComponent

from components.candidate_index.component import CandidateIndexer
from components.gate.refresh_gate import RefreshGate
from components.publishing.published_recommender import PublishedRecommender
from components.publishing.refresh_pusher import RefreshPusher
from components.recommender.component import RecommenderBuilder
from components.servable_check.component import ServableCheck
from modules.typed_config import as_mapping
from pipeline.checked_examples import checked_examples
from pipeline.inputs import Destination, RunInputs

NAME = "recommender-refresh"


def components(inputs: RunInputs, destination: Destination) -> list[BaseComponent]:
    """The components, in the order in which data meets them; what is configured of training has no effect.

    Args:
        inputs: what the run is made of.
        destination: where it publishes; `baseline_version` is the version whose models are taken, 0 for the newest.
    """
    config, code = inputs.config, inputs.code_version
    # The gate has limits of its own for interactions with items that are gone.
    data = checked_examples(inputs, dataclasses.replace(config.data, max_unknown_items=1.0))
    schema, examples = data.schema, data.examples
    published = PublishedRecommender(
        serving_root=destination.serving_root,
        version=destination.baseline_version,
        schema_digest=inputs.schema_digest(),
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
    index.add_upstream_node(data.gate)
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
        *data.nodes,
        published,
        index,
        recommender,
        servable_check,
        gate,
        pusher,
    ]
