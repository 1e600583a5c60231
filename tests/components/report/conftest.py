"""Scorecards to report on."""

from __future__ import annotations

import pytest

from components.report.evidence import Anomaly, Comparison, Drift, Output
from components.report.run import ComponentTime, Data, Refusal, Run
from components.report.scorecard import Gate, Sample, SampleItem, Scorecard, Slice, Tuning

HOSTILE = '🦊 <script>alert("1")</script> & <img src=x onerror=alert(2)> \x1b[31m\u202e'


@pytest.fixture
def full() -> Scorecard:
    """A run that was pushed, with every part."""

    def system(scale: float) -> dict[str, float | None]:
        return {
            "ndcg@10": 0.0312345 * scale,
            "recall@10": 0.0412 * scale,
            "ndcg@100": 0.0712 * scale,
            "recall@100": 0.2212 * scale,
            "mrr": 0.05123 * scale,
            "coverage@10": 0.11 * scale,
            "queries": 4873.0,
        }

    metrics = {"popularity": system(1), "retrieval": system(1.5), "recommender": system(1.7)}
    return Scorecard(
        run=Run(
            id="2024-05-06T02-00-11",
            started="2024-05-06T02:00:11+00:00",
            verdict="pushed",
            seconds=412.7,
            exit_status=0,
            pushed_version="1714960811",
            pushed_path="runs/serving/recommender/1714960811",
            best_achievable={"test": {"ndcg@10": 0.0712, "recall@100": 0.5512}},
            data_location="postgresql+psycopg://shop:***@db/shop",
            config_digest="5f2c90aa",
            code_digest="b1d3f7e0",
            seed=42,
        ),
        data=Data(
            rows={"interactions": 123456, "items": 3706, "users": 6040},
            split_kind="by time",
            split_rows={"train": 98764, "eval": 12346, "test": 12346},
            dropped_unknown_items=17,
            time_from="2023-01-01T00:00:00+00:00",
            time_to="2024-05-05T23:58:12+00:00",
        ),
        metrics={"eval": metrics, "test": metrics},
        ranking={"eval": {"rmse": 0.8812, "mae": 0.69}, "test": {"rmse": 0.8934, "mae": 0.7021}},
        slices={
            "test": [
                Slice("device", "phone", 3000, {"ndcg@10": 0.0534, "recall@100": 0.38}),
                Slice("device", "desktop", 1873, {"ndcg@10": 0.0312, "recall@100": 0.29}),
                Slice("age group", "18–24", 900, {"ndcg@10": 0.0612, "recall@100": 0.41}),
                Slice("age group", "25–34", 2100, {"ndcg@10": 0.0487, "recall@100": 0.36}),
                Slice("age group", "65 and over", 11, {"ndcg@10": None, "recall@100": None}),
            ]
        },
        index={"kind": "exact", "items": 3706, "recall@100": 1.0, "p50 ms": 1.9},
        gates=[
            Gate("retrieval ndcg@10", True, 0.0531, 0.02, "at least the configured minimum"),
            Gate("change of recall@100", True, 0.012, -0.1, "may fall by a tenth of the last blessed model's"),
        ],
        tuning=Tuning(
            20, 0.0312, 0.0345, {"dimension": 96, "learning_rate": 0.00123, "query_tower": "gru"}, "runs/tuned.toml"
        ),
        curves={
            "retrieval": {"loss": [7.2, 6.4, 6.0, 5.8, 5.7], "val_loss": [7.0, 6.5, 6.3, 6.25, 6.27]},
            "ranking": {"loss": [1.2, 0.9, 0.85], "val_loss": [1.1, 0.97, 0.96]},
        },
        components=[
            ComponentTime("ExampleGen", "run", 41.2),
            ComponentTime("StatisticsGen", "cached", 0.4),
            ComponentTime("Transform", "run", 63.0),
            ComponentTime("Trainer.retrieval", "run", 118.4),
        ],
        samples=[
            Sample(
                "user-17",
                ["The Thin Man (1934)", "Some Like It Hot (1959)"],
                [
                    SampleItem(f"i{place}", f"Title number {place}", 0.9 - place / 20, ["The Thin Man (1934)"])
                    for place in range(10)
                ],
            ),
            Sample(HOSTILE, [HOSTILE], [SampleItem("i1", HOSTILE, 0.5), SampleItem("i2", "", None)]),
        ],
        anomalies=[
            Anomaly("interactions", "eval", "device", "error", "Unexpected string values", "Examples: toaster."),
            *(Anomaly("candidates", "catalogue", f"column{n}", "warning", "Column dropped") for n in range(7)),
        ],
        drifts=[
            Drift("interactions", "test", "age group", "from train", "share of a value", 0.31),
            Drift("interactions", "eval", "age group", "from train", "share of a value", 0.11),
            Drift("interactions", "eval", "device", "drift", "l infty", 0.02, 0.1),
        ],
        comparisons=[
            Comparison("retrieval", "ndcg_at_10", 0.0531, 0.05),
            Comparison("ranking", "rmse", 0.8812, 0.0),
        ],
        outputs=[Output("ExampleGen", "examples", 3, "runs/artifacts/ExampleGen/examples/3")],
        dashboards={"statistics of the data": "data.html"},
        intervals={"test": {"recommender": {"ndcg@10": [0.05, 0.056]}, "popularity": {"ndcg@10": [0.029, 0.033]}}},
        diversity=[
            {"diversity": 0.0, "ndcg@10": 0.0531, "ild@10": 0.25, "coverage@10": 0.2},
            {"diversity": 0.5, "ndcg@10": 0.0502, "ild@10": 0.36, "coverage@10": 0.22},
            {"diversity": 0.7, "ndcg@10": None, "ild@10": 0.6, "coverage@10": 0.3},
        ],
        differences={"test": {"popularity": [0.02186, 0.018, 0.0251], "retrieval": [0.0062, -0.0003, 0.0121]}},
    )


@pytest.fixture
def refused() -> Scorecard:
    """A run that a gate stopped before anything was trained."""
    refusal = Refusal("retrieval ndcg@10", "the least that may be pushed", value=0.021, limit=0.05)
    return Scorecard(
        run=Run("r2", "2024-05-07T02:00:00+00:00", "refused", seconds=31.0, exit_status=3, refused=[refusal])
    )
