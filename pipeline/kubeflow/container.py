"""The container of a task: image, command, environment, resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.kubeflow.config import KubeflowConfig, TaskConfig, number_of

SERVING = "serving"


def container(
    command: Sequence[str],
    arguments: Sequence[str],
    task: Mapping[str, Any],
    config: KubeflowConfig,
    environment: Mapping[str, str],
) -> dict[str, Any]:
    """What the deployment says of a task.

    Args:
        command: words of it.
        arguments: words after it.
        task: what the pipeline says of it: its name and its inputs.
        config: where and how it runs; its `env` comes last.
        environment: variables that the command itself wants.
    """
    variables = dict(environment)
    if uses_minio(config, task):
        variables["AWS_ENDPOINT_URL"] = config.minio_endpoint
    variables |= config.env
    found = {
        "image": config.image,
        "command": [*command],
        "args": [*arguments],
        "env": [{"name": name, "value": value} for name, value in variables.items()],
    }
    resources = _resources(config.task(task["taskInfo"]["name"]))
    return {**found, "resources": resources} if resources else found


def is_given(task: Mapping[str, Any], parameters: Sequence[str]) -> bool:
    """Whether a task is given one of the pipeline's parameters."""
    given = task["inputs"]["parameters"].values()
    return any(value.get("componentInputParameter") in parameters for value in given)


def uses_minio(config: KubeflowConfig, task: Mapping[str, Any]) -> bool:
    """Whether a task may speak to the MinIO of the cluster by itself."""
    return config.pipeline_root.startswith("minio://") and is_given(task, (SERVING,))


def _resources(own: TaskConfig) -> dict[str, Any]:
    """The resources of a container, in the fields that backends from 2.0.5 on read: cores and gigabytes."""
    wanted = {
        "cpuRequest": (own.cpu, 1.0),
        "cpuLimit": (own.cpu_limit, 1.0),
        "memoryRequest": (own.memory, 1e9),
        "memoryLimit": (own.memory_limit, 1e9),
    }
    found: dict[str, Any] = {
        field: number_of(quantity) / unit for field, (quantity, unit) in wanted.items() if quantity is not None
    }
    if own.accelerators:
        found["accelerator"] = {"type": own.accelerator, "count": str(own.accelerators)}
    return found
