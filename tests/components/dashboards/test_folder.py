"""What is written beside the report."""

from __future__ import annotations

from pathlib import Path

from components.dashboards.folder import Sources, write_dashboards
from components.report.evidence import Drift, Metrics
from components.report.folder import write_report
from components.report.run import Run, Verdict
from components.report.scorecard import Scorecard


def card(run: str, day: int, verdict: Verdict = "pushed", ndcg: float = 0.5) -> Scorecard:
    started = f"2024-05-{day:02}T02:00:00+00:00"
    metrics: dict[str, dict[str, Metrics]] = {"test": {"recommender": {"ndcg@10": ndcg, "queries": 4.0}}}
    return Scorecard(Run(run, started, verdict), metrics=metrics)


def test_of_a_run_that_got_nowhere(tmp_path: Path) -> None:
    scorecard = Scorecard(Run("r1", "2024-05-06T02:00:00+00:00", "failed"))
    assert write_dashboards(tmp_path, scorecard, Sources()) == scorecard
    assert list((tmp_path / "r1").iterdir()) == []


def test_the_data(statistics_folder: Path, anomalies_folder: Path, tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    scorecard = Scorecard(Run("r1", "2024-05-06T02:00:00+00:00", "failed"))
    sources = Sources(
        statistics={"interactions": str(statistics_folder)}, anomalies={"interactions": str(anomalies_folder)}
    )
    found = write_dashboards(reports, scorecard, sources)
    assert [anomaly.column for anomaly in found.anomalies] == ["device"]
    assert [(drift.kind, drift.column) for drift in found.drifts] == [
        ("drift", "device"),
        ("from train", "age"),
        ("from train", "device"),
    ]
    assert list(found.dashboards.values()) == ["data.html"]
    assert (reports / "r1" / "data.html").exists()


def test_the_servable_beside_the_published_one(tmp_path: Path) -> None:
    values: dict[str, Metrics] = {"recommender": {"ndcg@10": 0.5, "mrr": None, "queries": 4.0}}
    values["published"] = {"ndcg@10": 0.25, "mrr": 0.5, "queries": 4.0}
    scorecard = Scorecard(Run("r1", "2024-05-06T02:00:00+00:00", "pushed"), metrics={"eval": values})
    found = write_dashboards(tmp_path, scorecard, Sources())
    assert [(one.model, one.metric, one.value, one.baseline) for one in found.comparisons] == [
        ("recommender", "ndcg_at_10", 0.5, 0.25)
    ]


def test_limits_of_the_schema_come_first(statistics_folder: Path, tmp_path: Path) -> None:
    drift = Drift("interactions", "train", "device", "skew", "l infty", 0.1, 0.2)
    scorecard = Scorecard(Run("r1", "2024-05-06T02:00:00+00:00", "pushed"), drifts=[drift])
    found = write_dashboards(tmp_path, scorecard, Sources(statistics={"interactions": str(statistics_folder)}))
    assert found.drifts[0] == drift and len(found.drifts) > 1


def test_compared_with_the_run_pushed_before(tmp_path: Path) -> None:
    pushed, refused = card("r1", 1, ndcg=0.25), card("r2", 2, "refused", ndcg=0.125)
    later, now = card("r4", 4), card("r3", 3)
    for one in (pushed, refused, later, now):
        write_report(tmp_path, write_dashboards(tmp_path, one, Sources()))
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "evaluation.json").write_text("{}")
    (tmp_path / "odd" / "scorecard.json").write_text("[]")
    write_dashboards(tmp_path, now, Sources())
    page = (tmp_path / "r3" / "models.html").read_text()
    assert "run r1, on the rows it had" in page
    rows = [row.split("</td>")[0] for row in page.split('<td class="text">r')[1:]]
    assert rows == ["1", "2", "3"]  # runs up to this one, oldest first
