"""What a Kubeflow Pipelines API server, Argo and the launcher demand of a compiled pipeline, checked beforehand.

The rules are those of kubeflow/pipelines 2.0.5 to 2.14 (backend/src/apiserver/template, backend/src/v2/compiler) and of
Kubernetes' names. Where they are broken, the server refuses, or, worse, the run fails or reads the wrong thing later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from modules.errors import InputError
from pipeline.kubeflow.spec import SCHEMA_VERSION

_EXECUTORS = ("container", "importer")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")  # DNS-1123

Document = dict[str, Any]


def read_package(path: str | Path) -> tuple[Document, Document]:
    """The two documents of a compiled file: PipelineSpec and, perhaps empty, what Kubernetes is told.

    Raises:
        InputError: it cannot be read, or would not be admitted.
    """
    try:
        documents = list(yaml.safe_load_all(Path(path).read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"package {path}", "a readable YAML file", error) from error
    if not 1 <= len(documents) <= 2 or not all(isinstance(document, dict) for document in documents):
        raise InputError(f"package {path}", "one or two YAML documents of keys", f"{len(documents)} documents")
    spec, platform = documents[0], documents[1] if len(documents) == 2 else {}
    check_admission(spec, platform, f"package {path}")
    return spec, platform


def check_admission(spec: Document, platform: Document, where: str = "pipeline") -> None:
    """Refuses what a cluster would not run.

    Raises:
        InputError: the first rule that is broken.
    """
    for objection in objections(spec, platform):
        raise InputError(where, *objection)


def objections(spec: Document, platform: Document) -> Iterator[tuple[str, str]]:
    """What a cluster would object to, each as (what it wants, what it got)."""
    if "pipelineSpec" in spec:
        yield "a bare PipelineSpec", "a job with a pipelineSpec inside, as Vertex AI takes it"
        return
    complaint = _parse_complaint(spec)
    if complaint:
        yield "a PipelineSpec", complaint
        return
    if spec.get("schemaVersion") != SCHEMA_VERSION:
        yield f"schemaVersion {SCHEMA_VERSION}", str(spec.get("schemaVersion"))
    name = spec.get("pipelineInfo", {}).get("name", "")
    if not _LABEL.fullmatch(name):
        yield "a pipelineInfo.name of lower-case letters, digits and -", repr(name)
    yield from _of_executors(spec)
    yield from _of_parameters(spec["root"])
    yield from _of_dag(spec["root"], "root", spec)
    for name, component in spec.get("components", {}).items():
        if "dag" in component:
            yield from _of_dag(component, f"component {name}", spec)
    yield from _of_platform(spec, platform)


def _parse_complaint(spec: Document) -> str | None:
    """What strict parsing complains about: unknown fields and values of the wrong type."""
    from google.protobuf import json_format
    from kfp.pipeline_spec import pipeline_spec_pb2

    executors = spec.get("deploymentSpec", {}).get("executors", {})
    try:
        json_format.ParseDict(spec, pipeline_spec_pb2.PipelineSpec())
        for executor in executors.values():
            json_format.ParseDict(executor, pipeline_spec_pb2.PipelineDeploymentConfig.ExecutorSpec())
    except json_format.ParseError as error:
        return str(error)
    return None if "root" in spec else "no root"


def _of_executors(spec: Document) -> Iterator[tuple[str, str]]:
    executors = spec.get("deploymentSpec", {}).get("executors", {})
    for name, executor in executors.items():
        kinds = list(executor)
        if len(kinds) != 1 or kinds[0] not in _EXECUTORS:
            yield f"executors of the kinds {' and '.join(_EXECUTORS)}", f"{name}: {', '.join(kinds) or 'none'}"
    for name, component in spec.get("components", {}).items():
        if "dag" not in component and component.get("executorLabel") not in executors:
            yield "an executor for each component", f"{name}: {component.get('executorLabel')}"


def _of_parameters(root: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, parameter in root.get("inputDefinitions", {}).get("parameters", {}).items():
        if "defaultValue" not in parameter or not parameter.get("isOptional"):
            yield "a default for each parameter", f"none for {name}"


def _of_dag(component: Mapping[str, Any], where: str, spec: Document) -> Iterator[tuple[str, str]]:
    """Names, references and producers of the tasks in one DAG."""
    tasks = component.get("dag", {}).get("tasks", {})
    if not tasks:
        yield "tasks", f"none in {where}"
    known = component.get("inputDefinitions", {})
    for name, task in tasks.items():
        if not _LABEL.fullmatch(name):
            yield "names of tasks of lower-case letters, digits and -, 63 at most", name
        if task.get("componentRef", {}).get("name") not in spec.get("components", {}):
            yield "a component for each task", f"{name}: {task.get('componentRef', {}).get('name')}"
            continue
        for producer in task.get("dependentTasks", []):
            if producer not in tasks:
                yield "dependencies on tasks that exist", f"{name} on {producer}"
        yield from _of_inputs(name, task, tasks, known, spec)


def _of_inputs(
    name: str, task: Mapping[str, Any], tasks: Mapping[str, Any], known: Mapping[str, Any], spec: Document
) -> Iterator[tuple[str, str]]:
    """Where a task's inputs come from."""
    for kind, from_task, from_component, key_name in (
        ("artifacts", "taskOutputArtifact", "componentInputArtifact", "outputArtifactKey"),
        ("parameters", "taskOutputParameter", "componentInputParameter", "outputParameterKey"),
    ):
        for key, source in task.get("inputs", {}).get(kind, {}).items():
            if from_component in source and source[from_component] not in known.get(kind, {}):
                yield f"{kind} that the pipeline declares", f"{name}.{key}: {source[from_component]}"
            if from_task in source:
                producer, output = source[from_task].get("producerTask"), source[from_task].get(key_name)
                made = _outputs(tasks.get(producer), kind, spec)
                if producer not in tasks or output not in made:
                    yield f"{kind} that another task makes", f"{name}.{key}: {producer}.{output}"


def _outputs(task: Mapping[str, Any] | None, kind: str, spec: Document) -> Mapping[str, Any]:
    reference = (task or {}).get("componentRef", {}).get("name")
    found: Mapping[str, Any] = spec["components"].get(reference, {}).get("outputDefinitions", {}).get(kind, {})
    return found


def _of_platform(spec: Document, platform: Document) -> Iterator[tuple[str, str]]:
    if not platform:
        return
    if set(platform) != {"platforms"} or set(platform["platforms"] or {}) != {"kubernetes"}:
        yield "a second document for the platform kubernetes", ", ".join(platform)
        return
    executors = platform["platforms"]["kubernetes"].get("deploymentSpec", {}).get("executors", {})
    for name in executors:
        if name not in spec.get("deploymentSpec", {}).get("executors", {}):
            yield "executors of the pipeline in the second document", name
