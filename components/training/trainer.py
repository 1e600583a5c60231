"""A Trainer whose module file also gets the catalogue: interactions only point into it."""

from __future__ import annotations

import json
from typing import Any

from tfx import types
from tfx.components.trainer import executor as trainer_executor
from tfx.dsl.components.base import base_component, executor_spec
from tfx.orchestration.data_types import RuntimeParameter
from tfx.proto import trainer_pb2
from tfx.types import artifact_utils, standard_artifacts, standard_component_specs
from tfx.types.component_spec import ChannelParameter, ExecutionParameter
from tfx.utils import proto_utils

from components.absence import broken, is_left_out, leave_out
from components.artifacts import TrainingState
from components.blessing import is_blessed
from components.example_gen.splits import CATALOGUE_SPLIT
from modules.errors import InputError

BLESSING, STATE, CHOSEN, PREVIOUS = "model_blessing", "state", "chosen", "previous"
REFIT_SPLITS = "refit_splits"
_CUSTOM_CONFIG = standard_component_specs.CUSTOM_CONFIG_KEY


class Executor(trainer_executor.GenericExecutor):
    """Adds the seed and folders to the custom config.

    "candidates"; "state", for what the training leaves to later ones; "previous", what the published model's left; in a
    refit "chosen", what the evaluated one left, and "added_splits", which are trained on too. A refit that the gate
    refuses is left out.
    """

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Trains; see TFX's `GenericExecutor`."""
        if not all(is_blessed(blessing) for blessing in input_dict.get(BLESSING, [])):
            for (artifact,) in output_dict.values():
                leave_out(artifact)
            return
        properties = with_candidates(exec_properties, input_dict)
        config = json.loads(properties[_CUSTOM_CONFIG])
        config["state"] = artifact_utils.get_single_uri(output_dict[STATE])
        splits = config.pop(REFIT_SPLITS, [])
        config["added_splits"] = [artifact_utils.get_split_uri(input_dict["examples"], split) for split in splits]
        config |= states_of(input_dict)
        super().Do(input_dict, output_dict, {**properties, _CUSTOM_CONFIG: json.dumps(config)})


def states_of(input_dict: dict[str, list[types.Artifact]]) -> dict[str, str]:
    """Folders of the states to go by, those that there are.

    Raises:
        InputError: the published state is not what was published.
    """
    states = {key: input_dict[key][0] for key in (CHOSEN, PREVIOUS) if key in input_dict}
    for state in states.values():
        if problem := broken(state):
            raise InputError("[warm_start]", "the state that the published models left", problem)
    return {key: state.uri for key, state in states.items() if not is_left_out(state)}


def with_candidates(exec_properties: dict[str, Any], input_dict: dict[str, list[types.Artifact]]) -> dict[str, Any]:
    """The parameters, with the folder of the candidates and the seed in the custom config too."""
    candidates = artifact_utils.get_split_uri(input_dict["candidates"], CATALOGUE_SPLIT)
    given = {"candidates": candidates, "seed": exec_properties["seed"]}
    config = {**json.loads(exec_properties[_CUSTOM_CONFIG]), **given}
    return {**exec_properties, _CUSTOM_CONFIG: json.dumps(config)}


class RecommenderTrainerSpec(standard_component_specs.TrainerSpec):
    """TFX's Trainer with the catalogue, what a refit goes by, and what the training chose."""

    PARAMETERS = {
        **standard_component_specs.TrainerSpec.PARAMETERS,
        "seed": ExecutionParameter(type=int),
    }
    INPUTS = {
        **standard_component_specs.TrainerSpec.INPUTS,
        "candidates": ChannelParameter(type=standard_artifacts.Examples),
        BLESSING: ChannelParameter(type=standard_artifacts.ModelBlessing, optional=True),
        CHOSEN: ChannelParameter(type=TrainingState, optional=True),
        PREVIOUS: ChannelParameter(type=TrainingState, optional=True),
    }
    OUTPUTS = {
        **standard_component_specs.TrainerSpec.OUTPUTS,
        STATE: ChannelParameter(type=TrainingState),
    }


class RecommenderTrainer(base_component.BaseComponent):
    """Trains a model of interactions whose items are rows of a catalogue.

    Outputs:
        model: the SavedModel that the module file wrote.
        model_run: its TensorBoard logs.
        state: what later trainings go by.
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
        seed: int | RuntimeParameter,
        base_model: types.BaseChannel | None = None,
        hyperparameters: types.BaseChannel | None = None,
        model_blessing: types.BaseChannel | None = None,
        chosen: types.BaseChannel | None = None,
        previous: types.BaseChannel | None = None,
    ) -> None:
        """Describes the node.

        Args:
            run_fn: import path of the function that trains.
            examples: interactions, split into train and eval.
            candidates: the catalogue.
            transform_graph: of the Transform component.
            schema: the annotated schema.
            custom_config: what the module file reads beside its data.
            seed: of its random choices.
            base_model: a model that this one builds on.
            hyperparameters: what a Tuner found.
            model_blessing: without it, nothing is trained; None to train anyhow.
            chosen: the `state` of a training that was evaluated: this one trains as long, with the same settings, on
                the splits that the custom config names as "refit_splits" too.
            previous: the `state` of the published model, to go on from if the custom config says so in "warm_start".
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
            "seed": seed,
            "model": types.Channel(type=standard_artifacts.Model),
            "model_run": types.Channel(type=standard_artifacts.ModelRun),
            STATE: types.Channel(type=TrainingState),
        }
        optional = {
            "base_model": base_model,
            "hyperparameters": hyperparameters,
            BLESSING: model_blessing,
            CHOSEN: chosen,
            PREVIOUS: previous,
        }
        parameters |= {name: given for name, given in optional.items() if given is not None}
        super().__init__(RecommenderTrainerSpec(**parameters))
