"""What a run left in ML Metadata; the store is a real one."""

from __future__ import annotations

from pathlib import Path

import pytest
from ml_metadata import metadata_store
from ml_metadata.proto import metadata_store_pb2 as pb

from components.local_run.executions import newest_id, run_after


class Store:
    """Writes executions as TFX does."""

    def __init__(self, path: Path) -> None:
        config = pb.ConnectionConfig()
        config.sqlite.filename_uri = str(path)
        config.sqlite.connection_mode = pb.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
        self.store = metadata_store.MetadataStore(config)
        self.run_type, self.node_type = (
            self.store.put_context_type(pb.ContextType(name=name)) for name in ("pipeline_run", "node")
        )
        self.kind = self.store.put_execution_type(pb.ExecutionType(name="kind"))
        artifact = pb.ArtifactType(name="thing", properties={"recall": pb.DOUBLE})
        self.thing = self.store.put_artifact_type(artifact)

    def run(self, name: str) -> int:
        (identifier,) = self.store.put_contexts([pb.Context(type_id=self.run_type, name=name)])
        return int(identifier)

    def execution(self, run: int, component: str, state: int, uri: str | None = None) -> None:
        context = pb.Context(type_id=self.node_type, name=f"recommender.{component}")
        known = self.store.get_context_by_type_and_name("node", context.name)
        node = known.id if known else self.store.put_contexts([context])[0]
        artifacts = []
        if uri:
            artifact = pb.Artifact(type_id=self.thing, uri=uri)
            artifact.properties["recall"].double_value = 0.5
            artifact.custom_properties["pushed"].int_value = 0
            event = pb.Event(type=pb.Event.OUTPUT)
            event.path.steps.add().key = "output"
            artifacts = [(artifact, event)]
        contexts = [self.store.get_contexts_by_id([identifier])[0] for identifier in (run, node)]
        self.store.put_execution(pb.Execution(type_id=self.kind, last_known_state=state), artifacts, contexts)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "metadata.db"


def test_nothing_yet(path: Path) -> None:
    assert newest_id(path) == 0
    assert run_after(path, 0).states == {}
    assert not path.exists()
    Store(path)
    assert newest_id(path) == 0
    assert run_after(path, 0).states == {}


def test_the_newest_run(path: Path) -> None:
    store = Store(path)
    first, second = store.run("monday"), store.run("tuesday")
    store.execution(first, "Trainer.retrieval", pb.Execution.COMPLETE, "/first")
    store.execution(second, "Gate", pb.Execution.CACHED, "/gate")
    store.execution(second, "Trainer.retrieval", pb.Execution.COMPLETE, "/second")
    store.execution(second, "Pusher", pb.Execution.FAILED)
    store.execution(second, "Beyond", pb.Execution.RUNNING)
    record = run_after(path, first)
    assert newest_id(path) == second
    assert record.states == {
        "Gate": "cached",
        "Trainer.retrieval": "run",
        "Pusher": "failed",
        "Beyond": "failed",
    }
    assert record.uri("Trainer.retrieval", "output") == "/second"
    assert record.uri("Trainer.retrieval", "other") is None
    assert record.uri("Pusher", "output") is None
    assert record.property("Gate", "output", "recall") == 0.5
    assert record.property("Gate", "output", "pushed") == 0
    assert record.property("Gate", "output", "missing") is None
    assert record.property("Pusher", "output", "recall") is None


def test_an_earlier_run_is_not_taken_for_this_one(path: Path) -> None:
    store = Store(path)
    first = store.run("monday")
    store.execution(first, "Pusher", pb.Execution.COMPLETE, "/pushed")
    assert run_after(path, first).states == {}
    assert run_after(path, first).uri("Pusher", "output") is None
