"""scorecard.json: what goes in comes out."""

from __future__ import annotations

import json

import pytest

from components.report.run import Run
from components.report.scorecard import Scorecard


def test_round_trip(full: Scorecard, refused: Scorecard) -> None:
    assert Scorecard.from_json(full.to_json()) == full
    assert Scorecard.from_json(refused.to_json()) == refused


def test_field_names_are_stable(full: Scorecard) -> None:
    values = json.loads(full.to_json())
    assert list(values) == [
        "run",
        "data",
        "metrics",
        "ranking",
        "slices",
        "index",
        "gates",
        "tuning",
        "curves",
        "components",
        "samples",
        "differences",
        "intervals",
        "diversity",
        "anomalies",
        "drifts",
        "comparisons",
        "outputs",
        "dashboards",
    ]
    assert values["metrics"]["test"]["recommender"]["ndcg@10"] == 0.0312345 * 1.7
    assert values["data"]["rows"] == {"interactions": 123456, "items": 3706, "users": 6040}
    assert values["slices"]["test"][0] == {
        "column": "device",
        "value": "phone",
        "queries": 3000,
        "metrics": {"ndcg@10": 0.0534, "recall@100": 0.38},
    }
    assert values["components"][1] == {"id": "StatisticsGen", "state": "cached", "seconds": 0.4}


def test_nothing_but_the_run_is_needed() -> None:
    card = Scorecard.from_dict({"run": {"id": "r", "started": "2024-01-01T00:00:00+00:00", "verdict": "failed"}})
    assert card == Scorecard(run=Run("r", "2024-01-01T00:00:00+00:00", "failed"))
    with pytest.raises(KeyError):
        Scorecard.from_dict({"data": None})


def test_what_json_does_not_have_becomes_null() -> None:
    run = Run("r", "2024-01-01T00:00:00+00:00", "failed", seconds=float("inf"))
    card = Scorecard(run=run, metrics={"test": {"retrieval": {"mrr": float("nan")}}}, curves={"m": {"loss": [1.0]}})
    values = json.loads(card.to_json())
    assert values["metrics"]["test"]["retrieval"]["mrr"] is None
    assert values["run"]["seconds"] is None
    assert values["curves"] == {"m": {"loss": [1.0]}}
