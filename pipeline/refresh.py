"""The refresh: the published models over the catalogue of today, without training."""

from __future__ import annotations

import dataclasses

from tfx.dsl.components.base.base_component import BaseComponent

from components.candidate_index.component import CandidateIndexer
from components.gate.refresh_gate import RefreshGate
from components.publishing.published_recommender import PublishedRecommender
from components.publishing.refresh_pusher import RefreshPusher
from components.recommender.component import RecommenderBuilder
from components.servable_check.component import ServableCheck
from modules.typed_config import as_json
from pipeline.checked_examples import checked_examples
from pipeline.inputs import Destination, RunInputs
from pipeline.stages import index_arguments, recommender_arguments

NAME = "recommender-refresh"


def components(inputs: RunInputs, destination: Destination) -> list[BaseComponent]:
    """The components, in the order in which data meets them; what is configured of training has no effect.

    Args:
        inputs: what the run is made of.
        destination: where it publishes; `baseline_version` is the version whose models are taken, 0 for the newest.
    """
    config = inputs.config
    # The gate has limits of its own for interactions with items that are gone.
    data = checked_examples(inputs, dataclasses.replace(config.data, max_unknown_items=1.0))
    published = PublishedRecommender(
        serving_root=destination.serving_root,
        version=destination.baseline_version,
        schema_digest=inputs.schema_digest(),
    )
    transform_graph, retrieval = published.outputs["transform_graph"], published.outputs["retrieval"]
    index = CandidateIndexer(
        **index_arguments(inputs, data, transform_graph, retrieval), chosen=published.outputs["index"]
    )
    index.add_upstream_node(data.gate)
    made_of = recommender_arguments(
        inputs, data, transform_graph, retrieval, published.outputs["ranking"], index.outputs["index"]
    )
    recommender = RecommenderBuilder(**made_of, chosen=published.outputs["servable"])
    servable_check = ServableCheck(model=recommender.outputs["model"])
    gate = RefreshGate(
        index=index.outputs["index"],
        published=published.outputs["index"],
        facts=data.examples.outputs["facts"],
        servable=recommender.outputs["model"],
        limits=as_json(config.gate),
        refresh_limits=as_json(config.refresh),
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
        config=config.changed_json(),
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
