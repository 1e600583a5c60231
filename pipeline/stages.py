"""The nodes that are wired more than once: in a run, in its refit, and in a refresh."""

from __future__ import annotations

import dataclasses
from typing import Any

from tfx.dsl.components.base.base_component import BaseComponent
from tfx.types import BaseChannel

from modules.typed_config import as_json
from pipeline.checked_examples import CheckedExamples
from pipeline.inputs import RunInputs

Arguments = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Stage:
    """A node, with what it was made with."""

    node: BaseComponent
    arguments: Arguments


def index_arguments(
    inputs: RunInputs, data: CheckedExamples, transform_graph: BaseChannel, model: BaseChannel
) -> Arguments:
    """What a CandidateIndexer is made with; `model` is a retrieval model."""
    return {
        **_data_arguments(inputs, data, transform_graph),
        "interactions": data.examples.outputs["interactions"],
        "model": model,
        "config": as_json(inputs.config.index),
        "seed": inputs.seed,
    }


def recommender_arguments(
    inputs: RunInputs,
    data: CheckedExamples,
    transform_graph: BaseChannel,
    retrieval: BaseChannel,
    ranking: BaseChannel,
    index: BaseChannel,
) -> Arguments:
    """What a RecommenderBuilder is made with."""
    return {
        **_data_arguments(inputs, data, transform_graph),
        "retrieval": retrieval,
        "ranking": ranking,
        "index": index,
        "serving": as_json(inputs.config.serving),
        "rules": inputs.rules_text,
        "history_length": inputs.config.data.history_length,
    }


def _data_arguments(inputs: RunInputs, data: CheckedExamples, transform_graph: BaseChannel) -> Arguments:
    return {
        "schema": data.schema.outputs["schema"],
        "transform_graph": transform_graph,
        "candidates": data.examples.outputs["candidates"],
        "queries": data.examples.outputs["queries"],
        "code_version": inputs.code_version,
    }
