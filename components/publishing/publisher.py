"""What every pusher does: objects, refuses, publishes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tfx.components.pusher import executor as tfx_pusher
from tfx.types import artifact_utils
from tfx.types.artifact import Artifact
from tfx.utils import path_utils

from components.blessing import INFRA_MARKERS, MODEL_MARKERS, blessed_servable, is_blessed
from components.folder_digest import folder_digest
from components.json_file import write_json
from components.publishing.parts import DIGESTS, SERVABLE
from components.publishing.versions import MANIFEST, PublishedVersions


class Publisher(tfx_pusher.Executor):
    """TFX's Pusher with a published store as destination, for which a missing blessing means "not blessed"."""

    def refuse(self, pushed: Artifact, reasons: list[str]) -> None:
        """Marks `pushed_model` as not pushed."""
        self._MarkNotPushed(pushed)
        pushed.set_string_custom_property("reason", "; ".join(reasons))

    def publish(
        self,
        pushed: Artifact,
        store: PublishedVersions,
        servable: Path,
        parts: dict[str, Path],
        manifest: Mapping[str, Any],
    ) -> None:
        """Publishes a version, with the digests of all its files, and marks `pushed_model` as pushed.

        Args:
            pushed: the artifact.
            store: the published versions.
            servable: folder of the SavedModel.
            parts: files and folders that are kept with it, by name.
            manifest: what else is to be known of it.
        """
        digests = {name: folder_digest(path) for name, path in ({SERVABLE: servable} | parts).items()}
        version = store.publish(servable, parts, {**manifest, DIGESTS: digests})
        write_json(pushed.uri, MANIFEST, store.manifest(version))
        self._MarkPushed(pushed, store.servable_url(version), str(version))


def objections(input_dict: dict[str, list[Artifact]]) -> list[str]:
    """Why nothing may be pushed; empty if everything may."""
    objections = []
    for key, markers in (("model_blessing", MODEL_MARKERS), ("infra_blessing", INFRA_MARKERS)):
        artifacts = input_dict.get(key) or []
        says = is_blessed(artifacts[0], markers) if len(artifacts) == 1 else None
        if not says:
            objections.append(f"{key} {'missing or unreadable' if says is None else 'refused'}")
    if not objections and blessed_servable(input_dict["model_blessing"][0]) != folder_digest(
        serving_path(input_dict, "model")
    ):
        objections.append("model_blessing is of another servable")  # a cache may outlive what it was about
    return objections


def serving_path(input_dict: dict[str, list[Artifact]], key: str) -> Path:
    """Folder of an input's SavedModel."""
    return Path(path_utils.serving_model_path(artifact_utils.get_single_uri(input_dict[key])))
