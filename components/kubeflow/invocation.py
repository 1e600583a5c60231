"""What Kubeflow tells a task to do, made fit for TFX.

The launcher puts an ExecutorInput (kubeflow/pipelines, api/v2alpha1/pipeline_spec.proto) as JSON in the place of
`{{$}}` on the command line; what the component declares of its inputs is beside it. The flags are those of TFX's own
entry point.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any, Self

Artifacts = dict[str, list[dict[str, Any]]]

INVOCATION, INPUTS_SPEC, EXECUTOR = (
    "--json_serialized_invocation_args",
    "--json_serialized_inputs_spec_args",
    "--executor_class_path",
)


@dataclasses.dataclass(frozen=True)
class Invocation:
    """One task's orders.

    Attributes:
        executor: import path of the executor's class.
        inputs, outputs: RuntimeArtifacts as JSON by name; inputs for which there is nothing are left out.
        parameters: execution properties.
        output_file: where the task writes what it has to say of its outputs.
        beam_args: options for Beam.
    """

    executor: str
    inputs: Artifacts
    outputs: Artifacts
    parameters: dict[str, Any]
    output_file: str
    beam_args: tuple[str, ...]

    @classmethod
    def parse(cls, arguments: Sequence[str]) -> Self:
        """Takes a command line apart."""
        parser = argparse.ArgumentParser(allow_abbrev=False)
        for flag in (EXECUTOR, INVOCATION, INPUTS_SPEC):
            parser.add_argument(flag, required=True, dest=flag)
        known, beam_args = parser.parse_known_args(list(arguments))
        given = vars(known)
        message, declared = json.loads(given[INVOCATION]), json.loads(given[INPUTS_SPEC])
        return cls(
            executor=given[EXECUTOR],
            inputs=_typed(_artifacts(message.get("inputs", {})), declared.get("artifacts", {})),
            outputs=_artifacts(message["outputs"]),
            parameters=_parameters(message.get("inputs", {}), declared.get("parameters", {})),
            output_file=message["outputs"]["outputFile"],
            beam_args=tuple(beam_args),
        )


def _artifacts(side: Mapping[str, Any]) -> Artifacts:
    found = {name: some.get("artifacts", []) for name, some in side.get("artifacts", {}).items()}
    return {name: artifacts for name, artifacts in found.items() if artifacts}


def _typed(inputs: Artifacts, declared: Mapping[str, Any]) -> Artifacts:
    """Inputs with the types that the component declares: the launcher leaves them empty (tensorflow/tfx#7768)."""
    return {
        name: [{**artifact, "type": declared[name]["artifactType"]} for artifact in artifacts]
        for name, artifacts in inputs.items()
    }


def _parameters(inputs: Mapping[str, Any], declared: Mapping[str, Any]) -> dict[str, Any]:
    """Execution properties; JSON has one kind of number, the component says which it wants."""
    whole = {name for name, kind in declared.items() if kind.get("parameterType") == "NUMBER_INTEGER"}
    values = inputs.get("parameterValues", {})
    return {name: int(value) if name in whole else value for name, value in values.items()}
