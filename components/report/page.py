"""The scorecard as a page that needs nothing but itself: no script, no font, no request."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import jinja2

from components.report import chart, wording
from components.report.scorecard import Scorecard

_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals.update(chart=chart, wording=wording)
_TEMPLATES.filters.update(number=wording.number, seconds=wording.seconds)


def render_page(scorecard: Scorecard) -> str:
    """The page of a run. It shows the values that scorecard.json holds, each in a `<data>` with its path in it."""
    # Through to_dict and back, so that the page has no value (a NaN) that the JSON has not.
    return _TEMPLATES.get_template("run.html").render(scorecard=Scorecard.from_dict(scorecard.to_dict()))


def render_listing(scorecards: Sequence[Scorecard], unreadable: Sequence[str] = ()) -> str:
    """The page that lists runs, in the order given, and names the folders whose scorecard could not be read."""
    return _TEMPLATES.get_template("runs.html").render(scorecards=scorecards, unreadable=unreadable)
