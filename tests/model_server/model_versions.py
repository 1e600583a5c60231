"""The versions of a model that are loaded: what TensorFlow Serving's file system source and manager decide."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import grpc
import tensorflow as tf
from tensorflow_serving.apis import get_model_status_pb2

from tests.model_server.loaded_version import LoadedVersion
from tests.model_server.request_error import RequestError

State = get_model_status_pb2.ModelVersionStatus.State


def aspired(found: Sequence[int], policy: Any) -> list[int]:
    """Which of the versions `found` a ServableVersionPolicy wants; the newest one without a policy."""
    if policy.WhichOneof("policy_choice") == "specific":
        return sorted(set(policy.specific.versions) & set(found))
    if policy.WhichOneof("policy_choice") == "all":
        return sorted(found)
    return sorted(found)[-(policy.latest.num_versions or 1) :]


class ModelVersions:
    """One model of a model config.

    Attributes:
        config: the ModelConfig.
    """

    def __init__(self, config: Any) -> None:
        self.config = config
        self._lock, self._looking = threading.Lock(), threading.Lock()
        self._loaded: dict[int, LoadedVersion] = {}
        self._states: dict[int, tuple[int, str]] = {}

    def reconfigure(self, config: Any) -> None:
        """Takes another policy, and then the labels: a version must be loaded before it gets one."""
        relabelled = dict(config.version_labels)
        unchanged = type(config)()
        unchanged.CopyFrom(config)
        unchanged.version_labels.clear()
        unchanged.version_labels.update(self.config.version_labels)
        self.config = unchanged
        self.look()
        for label, version in relabelled.items():
            if version not in self._loaded:
                raise RequestError(
                    grpc.StatusCode.FAILED_PRECONDITION,
                    f"Request to assign label to version {version} of model {config.name}, which is not currently "
                    f"available for inference: {label}",
                )
        self.config = config

    def look(self) -> None:
        """Loads what is wanted and not there, then unloads what is there and not wanted.

        Nothing is unloaded before something wanted is there: TensorFlow Serving's AvailabilityPreservingPolicy.
        """
        with self._looking:
            folder = Path(self.config.base_path)
            found = [int(path.name) for path in folder.iterdir() if path.name.isdecimal()] if folder.is_dir() else []
            wanted = aspired(found, self.config.model_version_policy)
            for version in [one for one in self._states if one not in found]:
                if version not in self._loaded:
                    del self._states[version]  # a broken one that was taken away may come back
            for version in wanted:
                if version not in self._states or self._states[version] == (State.END, ""):
                    self._load(folder / str(version))
            if not wanted or any(version in self._loaded for version in wanted):
                for version in [one for one in self._loaded if one not in wanted]:
                    self._unload(version)

    @contextlib.contextmanager
    def use(self, version: int | None = None, label: str | None = None) -> Iterator[LoadedVersion]:
        """A loaded version: of that number or label, or else the newest; it stays loaded meanwhile."""
        with self._lock:
            model = self._choose(version, label)
            model.acquire()
        try:
            yield model
        finally:
            model.release()

    def states(self) -> dict[int, tuple[int, str]]:
        """Version → its `State` and what went wrong."""
        with self._lock:
            return dict(self._states)

    def close(self) -> None:
        """Unloads everything."""
        for version in list(self._loaded):
            self._unload(version)

    def _choose(self, version: int | None, label: str | None) -> LoadedVersion:
        name = self.config.name
        if label is not None:
            if label not in self.config.version_labels:
                raise RequestError.missing(f"Unrecognized servable version label: {label}")
            version = self.config.version_labels[label]
        if version is None:
            version = max(self._loaded, default=None)
        if version is None or version not in self._loaded:
            which = f" and version {version}" if version is not None else ""
            raise RequestError.missing(f"Servable not found for request: {name}{which}")
        return self._loaded[version]

    def _load(self, folder: Path) -> None:
        version = int(folder.name)
        self._set(version, State.LOADING)
        try:
            model = LoadedVersion(folder)
        except (OSError, tf.errors.OpError, RuntimeError, RequestError) as error:
            self._set(version, State.END, str(error))
            return
        with self._lock:
            self._loaded[version] = model
            self._states[version] = State.AVAILABLE, ""

    def _unload(self, version: int) -> None:
        with self._lock:
            model = self._loaded.pop(version)
            self._states[version] = State.UNLOADING, ""
        model.close()
        self._set(version, State.END)

    def _set(self, version: int, state: int, problem: str = "") -> None:
        with self._lock:
            self._states[version] = state, problem
