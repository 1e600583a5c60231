"""The scorecard, put together from files and properties that components left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ml_metadata.proto import metadata_store_pb2 as pb

from components.local_run.executions import RunRecord
from components.local_run.scorecard import concluded, scorecard_of
from components.report.run import Refusal, Run
from components.report.scorecard import Gate, Tuning

RUN = Run("20240506-070809", "2024-05-06T07:08:09+00:00", "failed", exit_status=1)
PASSED: dict[str, Any] = {"name": "index_recall", "value": 0.99, "limit": 0.95, "passed": True, "reason": "good"}
FAILED: dict[str, Any] = {"name": "above_popularity", "value": 0.1, "limit": 0.2, "passed": False, "reason": "too low"}


class Left:
    """What a run left: files in the folders of outputs, and their properties."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.artifacts: dict[tuple[str, str], pb.Artifact] = {}

    def add(self, component: str, output: str, file: str = "", content: Any = None, **properties: Any) -> None:
        uri = self.folder / component / output
        artifact = pb.Artifact(uri=str(uri))
        if file:
            (uri / file).parent.mkdir(parents=True, exist_ok=True)
            (uri / file).write_text(json.dumps(content))
        for name, value in properties.items():
            field = {str: "string_value", int: "int_value", float: "double_value"}[type(value)]
            setattr(artifact.custom_properties[name], field, value)
        self.artifacts[component, output] = artifact

    def pushed(self, pushed: int, *verdicts: dict[str, Any]) -> RunRecord:
        self.add("Gate", "verdicts", "verdicts.json", verdicts)
        self.add("ServableCheck", "blessing", blessed=1)
        properties = {"pushed_version": "17", "pushed_destination": "/serving/17"} if pushed else {"reason": "stale"}
        self.add("Pusher", "pushed_model", pushed=pushed, **properties)
        return self.record()

    def record(self, **states: str) -> RunRecord:
        return RunRecord(states, self.artifacts)


@pytest.fixture
def left(tmp_path: Path) -> Left:
    return Left(tmp_path)


def test_pushed(left: Left) -> None:
    run = concluded(RUN, left.pushed(1, PASSED), 0, 3)
    assert (run.verdict, run.exit_status, run.pushed_version, run.pushed_path) == ("pushed", 0, "17", "/serving/17")
    assert run.refused == []


def test_refused(left: Left) -> None:
    run = concluded(RUN, left.pushed(0, PASSED, FAILED), 0, 3)
    assert (run.verdict, run.exit_status, run.pushed_version, run.pushed_path) == ("refused", 3, None, None)
    assert run.refused == [Refusal("above_popularity", "too low", 0.1, 0.2)]


def test_refused_by_the_servable_check(left: Left) -> None:
    left.pushed(0, PASSED)
    left.add("ServableCheck", "blessing", blessed=0, reason="did not answer")
    run = concluded(RUN, left.record(), 0, 3)
    assert run.refused == [Refusal("servable_answers", "did not answer")]


def test_refused_by_the_pusher_alone(left: Left) -> None:
    """Every rule was kept, but the blessing is gone: no refusal goes without a name."""
    run = concluded(RUN, left.pushed(0, PASSED), 0, 3)
    assert (run.verdict, run.exit_status) == ("refused", 3)
    assert run.refused == [Refusal("pusher", "stale")]


def test_a_refit_is_called_one(left: Left) -> None:
    assert concluded(RUN, left.pushed(1, PASSED), 0, 3).refit_splits == []
    left.pushed(1, PASSED)
    left.add("Pusher", "pushed_model", "manifest.json", {"refit": {"splits": ["eval", "test"]}}, pushed=1)
    assert concluded(RUN, left.record(), 0, 3).refit_splits == ["eval", "test"]


def test_without_a_pusher_it_failed(left: Left) -> None:
    assert concluded(RUN, left.record(Gate="run"), 0, 3) == RUN


def test_a_run_that_got_nowhere(left: Left) -> None:
    card = scorecard_of(left.record(), RUN, {})
    assert card.run == RUN
    assert (card.data, card.metrics, card.gates, card.index, card.components) == (None, {}, [], None, [])


def test_what_the_tuner_found(left: Left) -> None:
    trials = [
        {"trial_id": "02", "score": 0.5, "variant": "history/softmax", "history/softmax/dimension": 96},
        {"trial_id": "00", "score": 0.125, "variant": "history/in_batch", "history/in_batch/dimension": 64},
        {"trial_id": "01", "score": 0.25, "variant": "history/softmax", "history/softmax/dimension": 64},
        {"trial_id": "10", "score": 0.375, "variant": "gru/softmax", "gru/softmax/dimension": 32},
    ]
    left.add("Tuner.retrieval", "tuner_results", "tuner_results.json", trials)
    best: dict[str, Any] = {"query_tower": "history", "loss": "softmax", "dimension": 96}
    assert scorecard_of(left.record(), RUN, {}).tuning == Tuning(4, 0.25, 0.5, best)


def test_all_of_it(left: Left) -> None:
    system = {"ndcg@10": 0.1, "queries": 5}
    metrics = {
        "eval": dict.fromkeys(("recommender", "published", "retrieval", "popularity"), system),
        "test": dict.fromkeys(("recommender", "retrieval", "popularity"), system),
        "ranking": {"test": {"rmse": 0.9}, "eval": {}},
        "slices": {"test": [{"column": "age", "value": "7", "queries": 2, "metrics": {"ndcg@10": 0.3}}]},
        "difference": {"test": {"popularity": [0.1, 0.05, 0.15]}},
        "samples": [{"user_id": "u1", "history": ["Tea"], "items": [{"item_id": "i1", "title": "Cup", "score": 0.5}]}],
    }
    facts = {
        "rows": {"interactions": 10, "items": 4},
        "users": 3,
        "split_kind": ["time"],
        "interactions_rows": {"train": 8, "eval": 1, "test": 1},
        "unknown_item_interactions": 2,
        "time_from": 0,
        "time_to": 86_400,
    }
    left.add("TableExampleGen", "facts", "facts.json", facts)
    left.add("EndToEndEvaluation", "metrics", "metrics.json", metrics)
    left.add("CandidateIndexer", "index", kind="exact", num_items=4, recall_at_100=1.0)
    left.add("Trainer.ranking", "model", "Format-Serving/assets.extra/curves.json", {"loss": [2.0, 1.0]})
    left.add("RecommenderBuilder", "model", "Format-Serving/assets.extra/diversity.json", [{"diversity": 0.0}])
    drift = {"table": "interactions", "split": "train", "column": "device", "kind": "drift", "measure": "l infty"}
    left.pushed(1, PASSED)
    left.add("Gate", "verdicts", "drifts.json", [{**drift, "value": 0.1, "limit": 0.2}])
    card = scorecard_of(left.record(Gate="cached", Pusher="run"), RUN, {"Pusher": 0.5})

    assert card.data is not None
    assert card.data.rows == {"interactions": 10, "items": 4, "users": 3}
    assert (card.data.split_kind, card.data.dropped_unknown_items) == ("by time", 2)
    assert (card.data.time_from, card.data.time_to) == ("1970-01-01T00:00:00+00:00", "1970-01-02T00:00:00+00:00")
    assert list(card.metrics) == ["eval", "test"]
    assert list(card.metrics["eval"]) == ["popularity", "retrieval", "published", "recommender"]
    assert [(one.column, one.value, one.limit) for one in card.drifts] == [("device", 0.1, 0.2)]
    assert list(card.metrics["test"]) == ["popularity", "retrieval", "recommender"]
    assert card.ranking == {"test": {"rmse": 0.9}}
    assert card.slices["test"][0].value == "7"
    assert card.differences == {"test": {"popularity": [0.1, 0.05, 0.15]}}
    assert card.samples[0].items[0].title == "Cup"
    assert card.index is not None
    assert (card.index["kind"], card.index["num_items"], card.index["latency_ms"]) == ("exact", 4, None)
    assert card.curves == {"ranking": {"loss": [2.0, 1.0]}}
    assert card.diversity == [{"diversity": 0.0}]
    assert card.gates == [
        Gate(**PASSED),
        Gate("servable_answers", True, reason="loads and answers in a process of its own"),
    ]
    assert [(part.id, part.state, part.seconds) for part in card.components] == [
        ("Gate", "cached", None),
        ("Pusher", "run", 0.5),
    ]
