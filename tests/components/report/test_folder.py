"""The folder of reports."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from components.report.folder import write_report
from components.report.run import Run
from components.report.scorecard import Scorecard


def test_writes_page_scorecard_and_listing(full: Scorecard, refused: Scorecard, tmp_path: Path) -> None:
    page = write_report(tmp_path / "reports", full)
    assert page == tmp_path / "reports" / full.run.id / "index.html"
    write_report(tmp_path / "reports", refused)
    files = {
        str(path.relative_to(tmp_path / "reports")) for path in (tmp_path / "reports").rglob("*") if path.is_file()
    }
    assert files == {
        "index.html",
        "r2/index.html",
        "r2/scorecard.json",
        f"{full.run.id}/index.html",
        f"{full.run.id}/scorecard.json",
    }
    assert json.loads((page.parent / "scorecard.json").read_text()) == full.to_dict()
    listing = (tmp_path / "reports" / "index.html").read_text()
    assert listing.index("r2/index.html") < listing.index(f"{full.run.id}/index.html")  # newest first
    assert "1.70×" in listing


def test_a_second_report_of_a_run_replaces_the_first(full: Scorecard, tmp_path: Path) -> None:
    write_report(tmp_path, full)
    later = dataclasses.replace(full, run=dataclasses.replace(full.run, verdict="failed"))
    page = write_report(tmp_path, later)
    assert "Failed" in page.read_text()
    assert Scorecard.from_json((page.parent / "scorecard.json").read_text()).run.verdict == "failed"


def test_a_foreign_scorecard_is_listed_as_unreadable(refused: Scorecard, tmp_path: Path) -> None:
    for name, text in {"half": '{"run": {"id"', "list": "[]", "other": '{"run": {"name": "x"}}'}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "scorecard.json").write_text(text)
    write_report(tmp_path, refused)
    listing = (tmp_path / "index.html").read_text()
    assert listing.count("unreadable") == 3
    assert "r2/index.html" in listing


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden", "a\nb"])
def test_an_id_that_is_no_folder_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="folder"):
        write_report(tmp_path, Scorecard(run=Run(name, "2024-01-01T00:00:00+00:00", "failed")))
    assert list(tmp_path.iterdir()) == []
