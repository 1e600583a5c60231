"""TFX components as a KFP v2 PipelineSpec that open-source Kubeflow Pipelines runs, and Vertex AI too.

TFX has a compiler of its own, KubeflowV2DagRunner; docs/decisions says why it is not used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tfx.dsl.components.base.base_component import BaseComponent
from tfx.dsl.components.base.executor_spec import BeamExecutorSpec
from tfx.orchestration.data_types import RuntimeParameter
from tfx.types.channel import BaseChannel
from tfx.utils.name_utils import get_full_name

from components.kubeflow.invocation import EXECUTOR, INPUTS_SPEC, INVOCATION
from components.kubeflow.runtime_artifacts import title_of
from pipeline.kubeflow.config import KubeflowConfig
from pipeline.kubeflow.container import SERVING, container, is_given

Spec = dict[str, Any]

SCHEMA_VERSION = "2.1.0"
_OUTSIDE = ("data", SERVING)  # parameters that name places whose content no cache knows
_COMMAND = ["python", "-m", "components.kubeflow.entrypoint"]
_TYPES = {str: "STRING", int: "NUMBER_INTEGER", float: "NUMBER_DOUBLE", bool: "BOOLEAN"}


def pipeline_spec(nodes: Sequence[BaseComponent], defaults: Mapping[str, Any], config: KubeflowConfig) -> Spec:
    """Compiles.

    Args:
        nodes: the components; their ids become names of tasks.
        defaults: by name, the value of each RuntimeParameter in them.
        config: where and how they run.

    Returns:
        The PipelineSpec as plain values.
    """
    names = {node.id: task_name(node.id) for node in nodes}
    tasks = {names[node.id]: _task(node, names, config) for node in nodes}
    parameters = {
        name: {"parameterType": _TYPES[type(value)], "defaultValue": value, "isOptional": True}
        for name, value in defaults.items()
        if any(is_given(task, (name,)) for task in tasks.values())
    }
    return {
        "schemaVersion": SCHEMA_VERSION,
        "sdkVersion": "tfx-recommender",
        "pipelineInfo": {"name": config.name},
        "defaultPipelineRoot": config.pipeline_root,
        "root": {"inputDefinitions": {"parameters": parameters}, "dag": {"tasks": tasks}},
        "components": {f"comp-{names[node.id]}": _component(node, names[node.id]) for node in nodes},
        "deploymentSpec": {
            "executors": {
                f"exec-{names[node.id]}": {"container": _container(node, tasks[names[node.id]], config)}
                for node in nodes
            }
        },
    }


def task_name(component: str) -> str:
    """The name of a component's task: "Trainer.retrieval" is "trainer-retrieval".

    Argo and Kubernetes want lower-case letters, digits and hyphens; TFX's ids have dots and capitals.
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[._]", "-", component).lower()


def _properties(node: BaseComponent) -> dict[str, Any]:
    """The execution properties that were given."""
    return {name: value for name, value in node.exec_properties.items() if value is not None}


def _component(node: BaseComponent, name: str) -> dict[str, Any]:
    """What goes in and what comes out."""
    return {
        "executorLabel": f"exec-{name}",
        "inputDefinitions": _inputs(node),
        "outputDefinitions": {"artifacts": _artifact_types(node.outputs)},
    }


def _inputs(node: BaseComponent) -> dict[str, Any]:
    kinds = {
        name: value.ptype if isinstance(value, RuntimeParameter) else type(value)
        for name, value in _properties(node).items()
    }
    return {
        "artifacts": _artifact_types(node.inputs),
        "parameters": {name: {"parameterType": _TYPES[kind]} for name, kind in kinds.items()},
    }


def _artifact_types(channels: Mapping[str, BaseChannel]) -> dict[str, Any]:
    return {
        name: {"artifactType": {"instanceSchema": f"title: {title_of(channel.type)}\ntype: object\n"}}
        for name, channel in channels.items()
    }


def _task(node: BaseComponent, names: Mapping[str, str], config: KubeflowConfig) -> dict[str, Any]:
    """Where its inputs come from, what it waits for, and whether it is tried again or taken from the cache."""
    name = names[node.id]
    sources = {key: (names[channel.producer_component_id], channel.output_key) for key, channel in node.inputs.items()}
    waits_for = {producer for producer, _ in sources.values()} | {names[other.id] for other in node.upstream_nodes}
    task: dict[str, Any] = {
        "taskInfo": {"name": name},
        "componentRef": {"name": f"comp-{name}"},
        "dependentTasks": sorted(waits_for),
        "inputs": {
            "artifacts": {
                key: {"taskOutputArtifact": {"producerTask": producer, "outputArtifactKey": output}}
                for key, (producer, output) in sources.items()
            },
            "parameters": {key: _value(value) for key, value in _properties(node).items()},
        },
    }
    own = config.task(name)
    if own.cache and not is_given(task, _OUTSIDE):
        task["cachingOptions"] = {"enableCache": True}
    if own.retries:
        task["retryPolicy"] = {
            "maxRetryCount": own.retries,
            "backoffDuration": f"{config.retry_seconds}s",
            "backoffFactor": 2.0,
            "backoffMaxDuration": "3600s",
        }
    return task


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, RuntimeParameter):
        return {"componentInputParameter": value.name}
    return {"runtimeValue": {"constant": value}}


def _container(node: BaseComponent, task: Mapping[str, Any], config: KubeflowConfig) -> dict[str, Any]:
    """The command, in the words of TFX's own entry point."""
    own = config.task(task["taskInfo"]["name"])
    executor = get_full_name(node.executor_spec.executor_class)
    inputs = json.dumps(_inputs(node), sort_keys=True)
    arguments = [EXECUTOR, executor, INVOCATION, "{{$}}", INPUTS_SPEC, inputs]
    if isinstance(node.executor_spec, BeamExecutorSpec):
        arguments += own.beam_args
    environment = {"TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "2"}
    if not own.launcher_copies:
        environment["KFP_LAUNCHER_COPIES"] = "0"
    return container(_COMMAND, arguments, task, config, environment)
