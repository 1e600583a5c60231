"""A Trainer whose module file also gets the catalogue: interactions only point into it."""

from __future__ import annotations

import json
from typing import Any

from tfx import types
from tfx.components.trainer import executor as trainer_executor
from tfx.dsl.components.base import base_component, executor_spec
from tfx.proto import trainer_pb2
from tfx.types import artifact_utils, standard_artifacts, standard_component_specs
from tfx.types.component_spec import ChannelParameter
from tfx.utils import proto_utils

from components.example_gen.splits import CATALOGUE_SPLIT

_CUSTOM_CONFIG = standard_component_specs.CUSTOM_CONFIG_KEY


class Executor(trainer_executor.GenericExecutor):
    """Adds the folder of the candidates to the custom config, as "candidates"."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Trains; see TFX's `GenericExecutor`."""
        candidates = artifact_utils.get_split_uri(input_dict["candidates"], CATALOGUE_SPLIT)
        config = {**json.loads(exec_properties[_CUSTOM_CONFIG]), "candidates": candidates}
        super().Do(input_dict, output_dict, {**exec_properties, _CUSTOM_CONFIG: json.dumps(config)})


class RecommenderTrainerSpec(standard_component_specs.TrainerSpec):
    """TFX's Trainer with one input more."""

    INPUTS = {
        **standard_component_specs.TrainerSpec.INPUTS,
        "candidates": ChannelParameter(type=standard_artifacts.Examples),
    }


class RecommenderTrainer(base_component.BaseComponent):
    """Trains a model of interactions whose items are rows of a catalogue.

    Outputs:
        model: the SavedModel that the module file wrote.
        model_run: its TensorBoard logs.
    """

    SPEC_CLASS = RecommenderTrainerSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self,
        run_fn: str,
        examples: types.BaseChannel,
        candidates: types.BaseChannel,
        transform_graph: types.BaseChannel,
        schema: types.BaseChannel,
        custom_config: dict[str, Any],
        base_model: types.BaseChannel | None = None,
    ) -> None:
        """Describes the node.

        Args:
            run_fn: import path of the function that trains.
            examples: interactions, split into train and eval.
            candidates: the catalogue.
            transform_graph: of the Transform component.
            schema: the annotated schema.
            custom_config: what the module file reads beside its data.
            base_model: a model that this one builds on.
        """
        parameters = {
            "run_fn": run_fn,
            "examples": examples,
            "candidates": candidates,
            "transform_graph": transform_graph,
            "schema": schema,
            "train_args": proto_utils.proto_to_json(trainer_pb2.TrainArgs()),
            "eval_args": proto_utils.proto_to_json(trainer_pb2.EvalArgs()),
            _CUSTOM_CONFIG: json.dumps(custom_config, sort_keys=True),
            "model": types.Channel(type=standard_artifacts.Model),
            "model_run": types.Channel(type=standard_artifacts.ModelRun),
        }
        if base_model is not None:
            parameters["base_model"] = base_model
        super().__init__(RecommenderTrainerSpec(**parameters))
