"""Artifacts as Kubeflow hands them to a task and takes them back, and as TFX's executors know them.

Kubeflow's RuntimeArtifact has one bag of metadata, of JSON's types; a TFX artifact has properties that its type
declares and custom ones. The rules are those of TFX's `kubeflow_v2_entrypoint_utils`, which cannot be imported without
all of TensorFlow Model Analysis.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from tfx.types import standard_artifacts
from tfx.types.artifact import CUSTOM_PROPERTIES_PREFIX, Artifact, PropertyType

from components import artifacts

_NAMESPACES = {"tfx": standard_artifacts, "recommender": artifacts}
_READERS = {PropertyType.INT: int, PropertyType.FLOAT: float, PropertyType.STRING: str}


def artifact_of(message: Mapping[str, Any]) -> Artifact:
    """The artifact that a RuntimeArtifact, as JSON, describes."""
    artifact = _class_of(message["type"])()
    artifact.uri = message["uri"]
    declared = artifact.PROPERTIES or {}
    for key, value in message.get("metadata", {}).items():
        kind = declared[key].type if key in declared else None
        if kind in _READERS and isinstance(value, str) == (kind is PropertyType.STRING):
            setattr(artifact, key, _READERS[kind](value))
        elif kind is PropertyType.JSON_VALUE:
            setattr(artifact, key, value)
        elif isinstance(value, str):
            artifact.set_string_custom_property(key.removeprefix(CUSTOM_PROPERTIES_PREFIX), value)
        else:  # TFX reads a number as a whole one, or as none, if it is a float here
            is_number = isinstance(value, int) and not isinstance(value, bool)
            own = key.removeprefix(CUSTOM_PROPERTIES_PREFIX)
            artifact.set_json_value_custom_property(own, float(value) if is_number else value)
    artifact.set_mlmd_artifact(artifact.mlmd_artifact)  # which writes what was set
    return artifact


def message_of(artifact: Artifact, name: str) -> dict[str, Any]:
    """What Kubeflow is told of an artifact that a task has made.

    Args:
        artifact: with its properties.
        name: that Kubeflow gave it.
    """
    declared = artifact.PROPERTIES or {}
    found = artifact.mlmd_artifact
    metadata = {key: _plain(artifact, key, value) for key, value in found.properties.items()}
    for key, value in found.custom_properties.items():
        unique = CUSTOM_PROPERTIES_PREFIX + key if key in declared else key
        metadata[unique] = _plain(artifact, key, value)
    return {"name": name, "uri": artifact.uri, "metadata": metadata}


def _plain(artifact: Artifact, key: str, value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "struct_value":
        return artifact.get_json_value_custom_property(key)
    return getattr(value, kind) if kind else None


def title_of(kind: type[Artifact]) -> str:
    """How a type of artifacts is called in a compiled pipeline: "tfx.Examples", "recommender.CandidateIndex".

    Vertex AI demands this form.

    Raises:
        ValueError: a type that is neither TFX's nor this project's, which a task could not find again.
    """
    for namespace, module in _NAMESPACES.items():
        if getattr(module, kind.__name__, None) is kind:
            return f"{namespace}.{kind.__name__}"
    raise ValueError(f"{kind} is in none of {[module.__name__ for module in _NAMESPACES.values()]}")


def _class_of(kind: Mapping[str, str]) -> type[Artifact]:
    """The class that a component's specification names."""
    title: str = kind.get("schemaTitle") or yaml.safe_load(kind["instanceSchema"])["title"]
    namespace, _, name = title.partition(".")
    found: type[Artifact] = getattr(_NAMESPACES[namespace], name)
    return found
