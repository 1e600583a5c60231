"""What only Kubernetes can be told of tasks: the second document of the compiled file.

The form is kfp-kubernetes' KubernetesExecutorConfig (kubeflow/pipelines, kubernetes_platform/proto), in the fields that
backends from 2.0.5 on read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.kubeflow.config import KubeflowConfig, Toleration
from pipeline.kubeflow.container import uses_minio

# The secret by which Kubeflow Pipelines itself gets at the MinIO that it brings.
_MINIO_SECRET = {"mlpipeline-minio-artifact": {"accesskey": "AWS_ACCESS_KEY_ID", "secretkey": "AWS_SECRET_ACCESS_KEY"}}


def platform_document(tasks: Mapping[str, Mapping[str, Any]], config: KubeflowConfig) -> dict[str, Any]:
    """Node selectors, tolerations, secrets and volumes of tasks, given by name; empty if none has any."""
    executors = {f"exec-{name}": _of_task(name, task, config) for name, task in tasks.items()}
    some = {name: executor for name, executor in executors.items() if executor}
    return {"platforms": {"kubernetes": {"deploymentSpec": {"executors": some}}}} if some else {}


def _of_task(name: str, task: Mapping[str, Any], config: KubeflowConfig) -> dict[str, Any]:
    own = config.task(name)
    secrets = {**(_MINIO_SECRET if uses_minio(config, task) else {}), **config.secrets}
    found = {
        "secretAsEnv": [_secret(name, keys) for name, keys in secrets.items()],
        "pvcMount": [{"constant": claim, "mountPath": path} for claim, path in config.volumes.items()],
        "nodeSelector": {"labels": own.node_selector} if own.node_selector else {},
        "tolerations": [_toleration(toleration) for toleration in own.tolerations],
        "imagePullSecret": [{"secretName": secret} for secret in config.image_pull_secrets],
    }
    return {key: value for key, value in found.items() if value}


def _secret(name: str, keys: Mapping[str, str]) -> dict[str, Any]:
    return {
        "secretName": name,
        "keyToEnv": [{"secretKey": key, "envVar": variable} for key, variable in keys.items()],
    }


def _toleration(toleration: Toleration) -> dict[str, str]:
    said = {key: getattr(toleration, key) for key in ("key", "operator", "value", "effect")}
    return {key: value for key, value in said.items() if value}
