"""A compiled file beside what a person says with it: its name and its root are its own, parameters must be declared."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from modules.errors import InputError
from pipeline.kubeflow.config import KubeflowConfig
from pipeline.kubeflow.container import SERVING

PIPELINES = NIGHTLY, REFRESH = "nightly", "refresh"  # as the runner's `--pipeline` calls them


def named_for(config: KubeflowConfig, pipeline: str) -> KubeflowConfig:
    """The configuration with a name for each pipeline: all run on one cluster, each on its own schedule."""
    return config if pipeline == NIGHTLY else dataclasses.replace(config, name=f"{config.name}-{pipeline}")


def config_for(
    spec: Mapping[str, Any], config: KubeflowConfig, pipeline: str | None, is_configured: bool, where: str
) -> KubeflowConfig:
    """How a compiled file is sent: with its own name and root, and everything else as configured.

    Args:
        spec: its PipelineSpec.
        config: the section `[kubeflow]`; without a configuration file, its defaults.
        pipeline: the pipeline that was asked for; None: whichever it is.
        is_configured: whether there is a configuration file, which the package must not contradict.
        where: what to call the package.

    Raises:
        InputError: it is of another name, or for another root, than what was asked for.
    """
    name, root = spec["pipelineInfo"]["name"], spec.get("defaultPipelineRoot") or config.pipeline_root
    if not is_configured:
        config = dataclasses.replace(config, name=name.removesuffix(f"-{REFRESH}"), pipeline_root=root)
    asked = [pipeline] if pipeline else PIPELINES
    names = [named_for(config, one).name for one in asked]
    if name not in names:
        raise InputError(where, f"the pipeline {' or '.join(names)}", name)
    if root != config.pipeline_root:
        raise InputError(where, f"the pipeline root of the configuration, {config.pipeline_root}", root)
    return dataclasses.replace(config, name=name)


def serving_of(spec: Mapping[str, Any]) -> str:
    """The published store of runs that are given no other one."""
    found: str = _declared(spec).get(SERVING, {}).get("defaultValue", "")
    return found


def parameters_of(spec: Mapping[str, Any], given: Sequence[str]) -> Mapping[str, Any]:
    """`NAME=VALUE` as values of the types that the pipeline declares.

    Raises:
        InputError: a name that it does not declare, or a value of another type.
    """
    declared = _declared(spec)
    found: dict[str, Any] = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not equals or name not in declared:
            raise InputError("flags, --param", f"NAME=VALUE with a name out of {sorted(declared)}", word)
        whole = declared[name]["parameterType"] == "NUMBER_INTEGER"
        if whole and not value.removeprefix("-").isdecimal():
            raise InputError(f"flags, --param {name}", "a whole number", value)
        found[name] = int(value) if whole else value
    return found


def _declared(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parameters of a pipeline, by name."""
    found: Mapping[str, Any] = spec["root"].get("inputDefinitions", {}).get("parameters", {})
    return found
