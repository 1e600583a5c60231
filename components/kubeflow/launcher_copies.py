"""Object-store URIs and the copies of them that Kubeflow's launcher makes.

The launcher of open-source Kubeflow Pipelines downloads a task's inputs to, and uploads its outputs from, a folder for
each kind of store: `s3://bucket/key` is `/s3/bucket/key` (kubeflow/pipelines, backend/src/v2/component/launcher_v2.go).
Vertex AI mounts Google Cloud Storage at `/gcs` the same way.
"""

from __future__ import annotations

from typing import Any

_STORES = ("minio", "s3", "gs")
_FOLDERS = {"gs": "gcs"}


class LauncherCopies:
    """Translates between URIs and paths.

    Args:
        root: folder that the folders of the stores are in; "/" in a container.
    """

    def __init__(self, root: str = "/") -> None:
        root = root.rstrip("/")
        self._folders = {f"{store}://": f"{root}/{_FOLDERS.get(store, store)}/" for store in _STORES}

    def to_paths(self, value: Any) -> Any:
        """A JSON value with paths for URIs; only texts that begin with one are changed."""
        return _replaced(value, self._folders)

    def to_uris(self, value: Any) -> Any:
        """A JSON value with URIs for such paths."""
        return _replaced(value, {folder: scheme for scheme, folder in self._folders.items()})


def _replaced(value: Any, beginnings: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(element, beginnings) for key, element in value.items()}
    if isinstance(value, list):
        return [_replaced(element, beginnings) for element in value]
    if isinstance(value, str):
        for old, new in beginnings.items():
            if value.startswith(old):
                return new + value.removeprefix(old)
    return value
