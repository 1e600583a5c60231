"""The folder of reports: one folder a run, and a page that lists them."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from components.report.page import render_listing, render_page
from components.report.scorecard import Scorecard

PAGE = "index.html"
SCORECARD = "scorecard.json"


def write_report(reports_dir: str | Path, scorecard: Scorecard) -> Path:
    """Writes <reports>/<run>/{index.html,scorecard.json} and the list of all runs in <reports>/index.html.

    Each file appears whole or not at all; a report of the same run is replaced.

    Returns:
        The path of the run's page.

    Raises:
        ValueError: the run's id cannot be the name of a folder.
        OSError: the folder cannot be written.
    """
    run = scorecard.run.id
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.:+-]*", run):
        raise ValueError(f"the id of a run must be usable as a folder's name, not {run!r}")
    reports = Path(reports_dir)
    folder = reports / run
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / SCORECARD, scorecard.to_json())
    write_whole(folder / PAGE, render_page(scorecard))
    refresh_listing(reports)
    return folder / PAGE


def refresh_listing(reports_dir: str | Path) -> Path:
    """Rewrites <reports>/index.html from the scorecards that lie there, newest run first."""
    reports = Path(reports_dir)
    write_whole(reports / PAGE, render_listing(*read_scorecards(reports)))
    return reports / PAGE


def read_scorecards(reports_dir: str | Path) -> tuple[list[Scorecard], list[str]]:
    """The scorecards that lie there, newest run first, and the folders of those that are not of this version."""
    scorecards, unreadable = [], []
    for path in sorted(Path(reports_dir).glob(f"*/{SCORECARD}")):
        try:
            scorecards.append(Scorecard.from_json(path.read_text(encoding="utf-8")))
        except (ValueError, KeyError, TypeError, AttributeError):  # another version's, or no scorecard: it is listed so
            unreadable.append(path.parent.name)
    scorecards.sort(key=lambda scorecard: scorecard.run.started, reverse=True)
    return scorecards, unreadable


def write_whole(path: Path, text: str) -> None:
    """Writes beside the file first, then takes its place in one step."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
