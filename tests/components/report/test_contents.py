"""What of a scorecard is shown."""

from __future__ import annotations

from components.report import contents
from components.report.evidence import Metrics
from components.report.run import Run
from components.report.scorecard import Scorecard


def test_trends_are_oldest_first() -> None:
    def card(day: int, ndcg: float | None, seconds: float | None = None) -> Scorecard:
        metrics: dict[str, dict[str, Metrics]] = {"test": {"recommender": {"ndcg@10": ndcg}}} if ndcg else {}
        return Scorecard(Run(f"r{day}", f"2024-05-0{day}T02:00:00+00:00", "failed", seconds), metrics=metrics)

    assert contents.trends([card(3, 0.3, 90.0), card(2, None), card(1, 0.1, 60.0)]) == {
        "ndcg@10": {"recommender": [0.1, None, 0.3]},
        "minutes": {"minutes": [1.0, None, 1.5]},
    }
    assert contents.trends([card(1, 0.1)]) == {}
