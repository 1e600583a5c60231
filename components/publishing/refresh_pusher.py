"""RefreshPusher: publishes a refreshed catalogue, with all that was kept with the models in it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import artifact_utils, channel, standard_artifacts
from tfx.types.artifact import Artifact
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from components.artifacts import CandidateIndex
from components.publishing.opened import open_store
from components.publishing.parts import (
    CONFIG,
    DIGESTS,
    MODELS_DIGEST,
    MODELS_OF,
    ROLLED_BACK_TO,
    SERVED_INDEX,
    VERSION,
    WITHDRAWN,
)
from components.publishing.publisher import Publisher, objections, serving_path
from components.publishing.refreshed import refresh_digest
from components.publishing.verified import fetch_verified

_PUBLISHED = "published"


class RefreshPusherExecutor(Publisher):
    """Publishes where both blessings hold, and only over the version whose models these are."""

    def Do(
        self,
        input_dict: dict[str, list[Artifact]],
        output_dict: dict[str, list[Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Publishes the model, or marks `pushed_model` as not pushed with the reason."""
        self._log_startup(input_dict, output_dict, exec_properties)
        pushed = artifact_utils.get_single_instance(output_dict["pushed_model"])
        store = open_store(exec_properties["serving_root"])
        source = artifact_utils.get_single_instance(input_dict[_PUBLISHED]).get_int_custom_property(VERSION)
        manifest, newest = store.manifest(source), store.newest_manifest()
        digest = refresh_digest(exec_properties["run_digest"], manifest)
        reasons = objections(input_dict)
        again = bool(digest) and newest.get("run_digest") == digest
        if newest.get("version") != source and not again:
            reasons.append(f"version {store.latest()} was published since version {source}, whose models these are")
        if digest and digest in newest.get(WITHDRAWN, {}).get("run_digests", []):
            reasons.append("this very refresh was published before and rolled back")
        if reasons:
            self.refuse(pushed, reasons)
            return
        told = {
            **{key: value for key, value in manifest.items() if key != ROLLED_BACK_TO},
            "run_digest": digest,
            MODELS_OF: source,
            MODELS_DIGEST: manifest.get(MODELS_DIGEST) or manifest.get("run_digest", ""),
            CONFIG: json.loads(exec_properties[CONFIG]),
        }
        with tempfile.TemporaryDirectory() as scratch:
            parts = {name: Path(scratch) / name for name in store.parts(source) if name != SERVED_INDEX}
            for name, copy in parts.items():
                fetch_verified(store, source, manifest[DIGESTS], name, copy)
            parts[SERVED_INDEX] = Path(artifact_utils.get_single_uri(input_dict["index"]))
            self.publish(pushed, store, serving_path(input_dict, "model"), parts, told)


class RefreshPusherSpec(ComponentSpec):
    """Inputs, outputs and parameters of `RefreshPusher`."""

    PARAMETERS = {
        "serving_root": ExecutionParameter(type=str),
        "store_id": ExecutionParameter(type=str),
        "run_digest": ExecutionParameter(type=str),
        CONFIG: ExecutionParameter(type=str),
    }
    INPUTS = {
        "model": ChannelParameter(type=standard_artifacts.Model),
        "index": ChannelParameter(type=CandidateIndex),
        _PUBLISHED: ChannelParameter(type=standard_artifacts.Model),
        "model_blessing": ChannelParameter(type=standard_artifacts.ModelBlessing),
        "infra_blessing": ChannelParameter(type=standard_artifacts.InfraBlessing),
    }
    OUTPUTS = {
        "pushed_model": ChannelParameter(type=standard_artifacts.PushedModel),
    }


class RefreshPusher(base_component.BaseComponent):
    """Publishes a servable over another catalogue, with the baseline that its models were published with.

    Output `pushed_model` is that of `Pusher`.

    Args:
        model: the servable; its SavedModel lies in `Format-Serving`.
        index: in it.
        published: the servable whose models it has, with the custom property `version`.
        model_blessing: of the RefreshGate.
        infra_blessing: of the servable check.
        serving_root: folder or URL of the published store.
        store_id: the store's identity, so that a store that was deleted is not taken for one that has the version.
        run_digest: identifies data, code and configuration of the run.
        config: the keys of its configuration that differ from their defaults, as JSON.
    """

    SPEC_CLASS = RefreshPusherSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(RefreshPusherExecutor)

    def __init__(
        self,
        *,
        model: channel.BaseChannel,
        index: channel.BaseChannel,
        published: channel.BaseChannel,
        model_blessing: channel.BaseChannel,
        infra_blessing: channel.BaseChannel,
        serving_root: str,
        store_id: str,
        run_digest: str,
        config: str,
    ) -> None:
        super().__init__(
            RefreshPusherSpec(
                model=model,
                index=index,
                published=published,
                model_blessing=model_blessing,
                infra_blessing=infra_blessing,
                serving_root=serving_root,
                store_id=store_id,
                run_digest=run_digest,
                config=config,
                pushed_model=channel.Channel(type=standard_artifacts.PushedModel),
            )
        )
