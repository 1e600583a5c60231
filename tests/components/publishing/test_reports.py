"""Reports in a published store, in a folder and on a real S3 server."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.publishing.reports import PublishedReports
from components.report.folder import write_report
from components.report.run import Refusal, Run
from components.report.scorecard import Scorecard
from modules.errors import InputError
from tests.components.publishing.conftest import Bucket

SCORECARD = Scorecard(Run("r1", "2024-05-06T07:08:09+00:00", "refused", refused=[Refusal("rule", "why", 1.0, 2.0)]))


def test_in_a_bucket(bucket: Bucket, tmp_path: Path) -> None:
    reports = PublishedReports(bucket.url)
    assert reports.scorecard("r1") is None and not reports.fetch(tmp_path / "none")
    reports.publish("r1", write_report(tmp_path / "made", SCORECARD).parent)
    assert set(bucket.seen()) == {"reports/r1/index.html", "reports/r1/scorecard.json"}
    assert reports.scorecard("r1") == SCORECARD
    assert reports.url("r1") == f"{bucket.url}/reports/r1"
    assert bucket.store().versions() == []  # it is none of the versions beside it
    assert reports.fetch(tmp_path / "copy")
    assert (tmp_path / "copy" / "r1" / "index.html").is_file()


def test_what_is_no_scorecard(tmp_path: Path) -> None:
    folder = tmp_path / "reports" / "r1"
    folder.mkdir(parents=True)
    (folder / "scorecard.json").write_text('{"runs": 3}')
    with pytest.raises(InputError, match=r"reports/r1/scorecard.json: expected a scorecard of this version"):
        PublishedReports(str(tmp_path)).scorecard("r1")
    (folder / "scorecard.json").write_text("{")
    with pytest.raises(InputError, match=r"scorecard.json: expected a JSON file"):
        PublishedReports(str(tmp_path)).scorecard("r1")
