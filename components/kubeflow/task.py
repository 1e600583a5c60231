"""Runs the executor of one task of a Kubeflow run."""

from __future__ import annotations

import importlib
import json
from typing import Any

from tfx.dsl.components.base import base_beam_executor, base_executor
from tfx.dsl.io import fileio
from tfx.types.artifact import Artifact
from tfx.types.value_artifact import ValueArtifact

from components.kubeflow.invocation import Artifacts, Invocation
from components.kubeflow.launcher_copies import LauncherCopies
from components.kubeflow.runtime_artifacts import artifact_of, message_of


def run_task(invocation: Invocation, copies: LauncherCopies | None) -> None:
    """Runs the executor and tells Kubeflow what it has made.

    Args:
        invocation: what to run, on what.
        copies: where artifacts really are; None to take their URIs as they are.
    """
    inputs, outputs = (_found(side, copies) for side in (invocation.inputs, invocation.outputs))
    for artifacts in outputs.values():
        for artifact in artifacts:
            _make_room(artifact)
    _executor(invocation).Do(inputs, outputs, dict(invocation.parameters))
    made = {
        name: {"artifacts": [message_of(artifact, given["name"]) for artifact, given in zip(*pair, strict=True)]}
        for name, pair in ((name, (artifacts, invocation.outputs[name])) for name, artifacts in outputs.items())
    }
    message = {"artifacts": copies.to_uris(made) if copies else made}
    with fileio.open(invocation.output_file, "w") as file:
        file.write(json.dumps(message))


def _found(artifacts: Artifacts, copies: LauncherCopies | None) -> dict[str, list[Artifact]]:
    messages = copies.to_paths(artifacts) if copies else artifacts
    return {name: [artifact_of(message) for message in some] for name, some in messages.items()}


def _make_room(artifact: Artifact) -> None:
    """Makes the folder, as TFX's own launcher does, or for a file the folder that it is in."""
    is_file = isinstance(artifact, ValueArtifact)
    fileio.makedirs(artifact.uri.rpartition("/")[0] if is_file else artifact.uri)


def _executor(invocation: Invocation) -> Any:
    module, _, name = invocation.executor.rpartition(".")
    kind = getattr(importlib.import_module(module), name)
    folder = invocation.output_file.rpartition("/")[0]  # a URL on Vertex AI
    common = {"tmp_dir": f"{folder}/.temp", "unique_id": folder.rpartition("/")[2]}
    if issubclass(kind, base_beam_executor.BaseBeamExecutor):
        context: Any = base_beam_executor.BaseBeamExecutor.Context(
            beam_pipeline_args=list(invocation.beam_args), **common
        )
    else:
        context = base_executor.BaseExecutor.Context(extra_flags=list(invocation.beam_args), **common)
    return kind(context)
