"""A Tuner whose module file also gets the catalogue, as the Trainer's does."""

from __future__ import annotations

import json
from typing import Any

from tfx import types
from tfx.components.tuner import executor as tuner_executor
from tfx.dsl.components.base import base_component, executor_spec
from tfx.orchestration.data_types import RuntimeParameter
from tfx.proto import trainer_pb2
from tfx.types import standard_artifacts, standard_component_specs
from tfx.types.component_spec import ChannelParameter, ExecutionParameter
from tfx.utils import proto_utils

from components.training.trainer import with_candidates


class Executor(tuner_executor.Executor):
    """Adds the seed and the folder of the candidates to the custom config."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Searches; see TFX's Tuner."""
        super().Do(input_dict, output_dict, with_candidates(exec_properties, input_dict))


class RecommenderTunerSpec(standard_component_specs.TunerSpec):
    """TFX's Tuner with the catalogue and a seed."""

    PARAMETERS = {
        **standard_component_specs.TunerSpec.PARAMETERS,
        "seed": ExecutionParameter(type=int),
    }
    INPUTS = {
        **standard_component_specs.TunerSpec.INPUTS,
        "candidates": ChannelParameter(type=standard_artifacts.Examples),
    }


class RecommenderTuner(base_component.BaseComponent):
    """Searches the hyper-parameters of a model of interactions whose items are rows of a catalogue.

    Outputs:
        best_hyperparameters: KerasTuner's `HyperParameters` as JSON.
        tuner_results: every trial with its score and values.
    """

    SPEC_CLASS = RecommenderTunerSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self,
        tuner_fn: str,
        examples: types.BaseChannel,
        candidates: types.BaseChannel,
        transform_graph: types.BaseChannel,
        schema: types.BaseChannel,
        custom_config: dict[str, Any],
        seed: int | RuntimeParameter,
    ) -> None:
        """Describes the node.

        Args:
            tuner_fn: import path of the function that describes the search.
            examples: interactions, split into train and eval.
            candidates: the catalogue.
            transform_graph: of the Transform component.
            schema: the annotated schema.
            custom_config: what the module file reads beside its data.
            seed: of its random choices.
        """
        super().__init__(
            RecommenderTunerSpec(
                tuner_fn=tuner_fn,
                examples=examples,
                candidates=candidates,
                transform_graph=transform_graph,
                schema=schema,
                train_args=proto_utils.proto_to_json(trainer_pb2.TrainArgs()),
                eval_args=proto_utils.proto_to_json(trainer_pb2.EvalArgs()),
                custom_config=json.dumps(custom_config, sort_keys=True),
                seed=seed,
                best_hyperparameters=types.Channel(type=standard_artifacts.HyperParameters),
                tuner_results=types.Channel(type=standard_artifacts.TunerResults),
            )
        )
