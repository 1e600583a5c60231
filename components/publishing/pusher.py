"""Pusher: publishes a recommender where every blessing holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tfx.dsl.components.base import base_component, executor_spec
from tfx.orchestration.data_types import RuntimeParameter
from tfx.types import artifact_utils, channel, standard_artifacts
from tfx.types.artifact import Artifact
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from components.artifacts import CandidateIndex, Metrics, TrainingState
from components.folder_digest import folder_digest
from components.publishing.opened import open_store
from components.publishing.parts import (
    BASELINE,
    CANDIDATES,
    CONFIG,
    EVALUATED,
    INTERACTIONS,
    RANKING,
    RANKING_STATE,
    RETRIEVAL_STATE,
    RETRIEVER,
    SERVED_INDEX,
    SERVED_RANKING,
    SERVED_RETRIEVAL,
    STATES,
    STATISTICS,
    TRANSFORM_GRAPH,
    VERSION,
)
from components.publishing.publisher import Publisher, objections, serving_path

_MODELS = (RETRIEVER, RANKING, SERVED_RETRIEVAL, SERVED_RANKING, EVALUATED)
_FOLDERS = (*STATES, *STATISTICS, SERVED_INDEX, TRANSFORM_GRAPH)


class PusherExecutor(Publisher):
    """Publishes where both blessings hold."""

    def Do(
        self,
        input_dict: dict[str, list[Artifact]],
        output_dict: dict[str, list[Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Publishes the model, or marks `pushed_model` as not pushed with the reason."""
        self._log_startup(input_dict, output_dict, exec_properties)
        pushed = artifact_utils.get_single_instance(output_dict["pushed_model"])
        if reasons := objections(input_dict):
            self.refuse(pushed, reasons)
            return
        metrics = artifact_utils.get_single_instance(input_dict["metrics"])
        manifest = {name: exec_properties[name] for name in ("run_digest", "schema_digest")}
        baseline = artifact_utils.get_single_instance(input_dict[BASELINE])
        manifest["baseline_version"] = baseline.get_int_custom_property(VERSION)
        manifest[CONFIG] = json.loads(exec_properties.get(CONFIG) or "{}")
        if EVALUATED in input_dict:
            manifest["refit"] = _refit(input_dict, json.loads(exec_properties["refit_splits"]))
        parts = {
            # EVALUATED is there where a refit has learned from the rows that the next model is compared on.
            **{name: serving_path(input_dict, name) for name in _MODELS if name in input_dict},
            **{name: Path(artifact.uri) for name in _FOLDERS for artifact in input_dict.get(name, [])},
            Metrics.FILE: Path(metrics.uri) / Metrics.FILE,
        }
        store = open_store(exec_properties["serving_root"])
        self.publish(pushed, store, serving_path(input_dict, "model"), parts, manifest)


def _refit(input_dict: dict[str, list[Artifact]], splits: list[str]) -> dict[str, Any]:
    """What the manifest says where the pushed servable is not the one that was evaluated."""
    weights = {
        role: {
            "uri": artifact_utils.get_single_uri(input_dict[key]),
            "digest": folder_digest(serving_path(input_dict, key)),
        }
        for role, key in (("evaluated", EVALUATED), ("pushed", "model"))
    }
    return {"splits": splits, "metrics_are_of": "evaluated", **weights}


class PusherSpec(ComponentSpec):
    """Inputs, outputs and parameters of `Pusher`."""

    PARAMETERS = {
        "serving_root": ExecutionParameter(type=str),
        "store_id": ExecutionParameter(type=str),
        "run_digest": ExecutionParameter(type=str),
        "schema_digest": ExecutionParameter(type=str),
        "refit_splits": ExecutionParameter(type=str, optional=True),
        CONFIG: ExecutionParameter(type=str, optional=True),
    }
    INPUTS = {
        "model": ChannelParameter(type=standard_artifacts.Model),
        RETRIEVER: ChannelParameter(type=standard_artifacts.Model),
        RANKING: ChannelParameter(type=standard_artifacts.Model),
        "metrics": ChannelParameter(type=Metrics),
        "model_blessing": ChannelParameter(type=standard_artifacts.ModelBlessing),
        "infra_blessing": ChannelParameter(type=standard_artifacts.InfraBlessing),
        INTERACTIONS: ChannelParameter(type=standard_artifacts.ExampleStatistics, optional=True),
        CANDIDATES: ChannelParameter(type=standard_artifacts.ExampleStatistics, optional=True),
        SERVED_RETRIEVAL: ChannelParameter(type=standard_artifacts.Model, optional=True),
        SERVED_RANKING: ChannelParameter(type=standard_artifacts.Model, optional=True),
        SERVED_INDEX: ChannelParameter(type=CandidateIndex, optional=True),
        TRANSFORM_GRAPH: ChannelParameter(type=standard_artifacts.TransformGraph, optional=True),
        BASELINE: ChannelParameter(type=standard_artifacts.Model),
        RETRIEVAL_STATE: ChannelParameter(type=TrainingState, optional=True),
        RANKING_STATE: ChannelParameter(type=TrainingState, optional=True),
        EVALUATED: ChannelParameter(type=standard_artifacts.Model, optional=True),
    }
    OUTPUTS = {
        "pushed_model": ChannelParameter(type=standard_artifacts.PushedModel),
    }


class Pusher(base_component.BaseComponent):
    """Publishes a servable with the models that the next run is compared with.

    Output `pushed_model` has the custom properties `pushed` (0 or 1) and, if pushed, `pushed_version` and
    `pushed_destination`, else `reason`.

    Args:
        model: the servable; its SavedModel lies in `Format-Serving`.
        retriever, ranking: the evaluated models, kept as the next run's baseline. (Not those of a refit: on rows that
            these have learned from, no new model could be compared with them.)
        metrics: what was measured of it, kept too.
        model_blessing: the gate's.
        infra_blessing: the servable check's.
        serving_root: folder or URL of the published store.
        store_id: the store's identity, so that a store that was deleted is not taken for one that has the version.
        run_digest: identifies data, code and configuration of the run.
        schema_digest: identifies the schema, which two models must share to be compared.
        baseline: the published servable that the new one was compared with; its custom property `version` says which it
            is, 0 for none.
        kept: more for later runs, by the names in `parts`: the states of these models' Trainers, for warm starts; the
            statistics of the data, for drift; what the servable is made of, for a refresh of the catalogue.
        evaluated_model: the servable that the evidence is about, where `model` is a refit of it.
        refit_splits: that the refit learned from beside train.
        config: the keys of the run's configuration that differ from their defaults, as JSON.
    """

    SPEC_CLASS = PusherSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(PusherExecutor)

    def __init__(
        self,
        *,
        model: channel.BaseChannel,
        retriever: channel.BaseChannel,
        ranking: channel.BaseChannel,
        metrics: channel.BaseChannel,
        model_blessing: channel.BaseChannel,
        infra_blessing: channel.BaseChannel,
        serving_root: str | RuntimeParameter,
        store_id: str,
        run_digest: str,
        schema_digest: str,
        baseline: channel.BaseChannel,
        kept: Mapping[str, channel.BaseChannel] | None = None,
        evaluated_model: channel.BaseChannel | None = None,
        refit_splits: Sequence[str] = (),
        config: str = "{}",
    ) -> None:
        refit = {EVALUATED: evaluated_model, "refit_splits": json.dumps(refit_splits)} if evaluated_model else {}
        super().__init__(
            PusherSpec(
                model=model,
                retriever=retriever,
                ranking=ranking,
                metrics=metrics,
                model_blessing=model_blessing,
                infra_blessing=infra_blessing,
                serving_root=serving_root,
                store_id=store_id,
                run_digest=run_digest,
                schema_digest=schema_digest,
                baseline=baseline,
                config=config,
                pushed_model=channel.Channel(type=standard_artifacts.PushedModel),
                **(kept or {}),
                **refit,
            )
        )
