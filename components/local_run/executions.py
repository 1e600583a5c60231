"""What a finished or failed run left in ML Metadata."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from ml_metadata.metadata_store import MetadataStore
from ml_metadata.proto import metadata_store_pb2

_STATES = {
    metadata_store_pb2.Execution.COMPLETE: "run",
    metadata_store_pb2.Execution.CACHED: "cached",
}
_RUN = "pipeline_run"  # the type that TFX gives to the context of a run
_OUTPUT_EVENTS = (metadata_store_pb2.Event.OUTPUT, metadata_store_pb2.Event.PENDING_OUTPUT)


@dataclasses.dataclass(frozen=True)
class RunRecord:
    """The newest run of a pipeline.

    Attributes:
        states: by component, "run", "cached" or "failed".
        artifacts: by (component, output), the artifact: made by this run or taken from the cache.
    """

    states: dict[str, str]
    artifacts: dict[tuple[str, str], metadata_store_pb2.Artifact]

    def uri(self, component: str, output: str) -> str | None:
        """Where an output is; None if the run did not get that far."""
        artifact = self.artifacts.get((component, output))
        return artifact.uri if artifact else None

    def property(self, component: str, output: str, name: str) -> Any:
        """A property, custom or not, of an output; None if there is none."""
        artifact = self.artifacts.get((component, output))
        if artifact is None:
            return None
        value = artifact.properties.get(name) or artifact.custom_properties.get(name)
        kind = value.WhichOneof("value") if value else None
        return getattr(value, kind) if kind else None


def newest_id(metadata_path: Path) -> int:
    """Id of the newest run, 0 if there is none yet."""
    if not metadata_path.exists():
        return 0
    return max((run.id for run in _store(metadata_path).get_contexts_by_type(_RUN)), default=0)


def run_after(metadata_path: Path, identifier: int) -> RunRecord:
    """The newest run that is newer than `identifier`; an empty record if there is none."""
    newest = newest_id(metadata_path)
    if newest <= identifier:
        return RunRecord({}, {})
    store = _store(metadata_path)
    executions = {execution.id: execution for execution in store.get_executions_by_context(newest)}
    components = {
        identifier: context.name.split(".", 1)[1]
        for identifier in executions
        for context in store.get_contexts_by_execution(identifier)
        if context.type == "node"
    }
    events = store.get_events_by_execution_ids(list(executions)) if executions else []
    outputs = [event for event in events if event.type in _OUTPUT_EVENTS]
    by_id = {artifact.id: artifact for artifact in store.get_artifacts_by_id([event.artifact_id for event in outputs])}
    artifacts = {
        (components[event.execution_id], event.path.steps[0].key): by_id[event.artifact_id]
        for event in outputs
        if event.execution_id in components and event.path.steps
    }
    states = {
        components[identifier]: _STATES.get(execution.last_known_state, "failed")
        for identifier, execution in sorted(executions.items())
        if identifier in components
    }
    return RunRecord(states, artifacts)


def _store(metadata_path: Path) -> MetadataStore:
    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(metadata_path)
    return MetadataStore(config)
