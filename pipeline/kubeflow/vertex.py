"""The same pipeline as a job of Vertex AI."""

from __future__ import annotations

from typing import Any

from modules.errors import InputError
from pipeline.kubeflow.admission import Document
from pipeline.kubeflow.config import KubeflowConfig


def vertex_job(spec: Document, config: KubeflowConfig) -> dict[str, Any]:
    """A PipelineJob as JSON, for `google.cloud.aiplatform.PipelineJob(template_path=…)`.

    Vertex AI mounts buckets at `/gcs`, where the tasks look for them. It knows no node selectors, volumes or secrets of
    Kubernetes.

    Raises:
        InputError: artifacts are to go elsewhere than to Google Cloud Storage.
    """
    if not config.pipeline_root.startswith("gs://"):
        raise InputError("config [kubeflow], key pipeline_root", "gs://… for Vertex AI", config.pipeline_root)
    defaults = {
        name: parameter["defaultValue"]
        for name, parameter in spec["root"].get("inputDefinitions", {}).get("parameters", {}).items()
    }
    return {
        "displayName": config.name,
        "pipelineSpec": spec,
        "runtimeConfig": {"gcsOutputDirectory": config.pipeline_root, "parameterValues": defaults},
    }
