"""Evaluations: kept as JSON, and put together from scorecards."""

from __future__ import annotations

from components.dashboards.evaluations import RunEvaluation, SliceMetrics, servable_evaluations
from components.report.evidence import Metrics
from components.report.run import Run
from components.report.scorecard import Scorecard, Slice


def test_round_trip(evaluations: list[RunEvaluation]) -> None:
    assert RunEvaluation.from_json(evaluations[1].to_json()) == evaluations[1]


def scorecard(ndcg: float, slices: list[Slice]) -> Scorecard:
    metrics: dict[str, dict[str, Metrics]] = {
        "test": {"recommender": {"ndcg@10": ndcg, "mrr": None, "queries": 4.0}},
        "eval": {"retrieval": {}},
    }
    return Scorecard(Run("r1", "2024-05-06T02:00:00+00:00", "pushed"), metrics=metrics, slices={"test": slices})


def test_the_servable() -> None:
    found = servable_evaluations(scorecard(0.5, [Slice("age", "7", 3, {"ndcg@10": 0.75})]), None)
    assert list(found) == ["recommender on test"]
    assert found["recommender on test"].slices == [
        SliceMetrics("", "", {"ndcg_at_10": 0.5, "queries": 4.0}),
        SliceMetrics("age", "7", {"ndcg_at_10": 0.75, "queries": 3.0}),
    ]
    assert found["recommender on test"].baseline == []
    assert found["recommender on test"].size == "queries"


def test_beside_an_earlier_run() -> None:
    before = scorecard(0.25, [Slice("age", "8", 3, {"ndcg@10": 0.125})])
    [model] = servable_evaluations(scorecard(0.5, [Slice("age", "7", 3, {"ndcg@10": 0.75})]), before).values()
    assert model.overall == {"ndcg_at_10": 0.5, "queries": 4.0, "ndcg_at_10_diff": 0.25, "queries_diff": 0.0}
    assert model.slices[1].metrics == {"ndcg_at_10": 0.75, "queries": 3.0}  # a slice that was not there before
    assert model.baseline_overall == {"ndcg_at_10": 0.25, "queries": 4.0}
    assert model.baseline_name == "run r1, on the rows it had"
