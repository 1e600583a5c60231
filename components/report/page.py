"""The scorecard as a page that needs nothing but itself: no script, no font, no request."""

from __future__ import annotations

from collections.abc import Sequence

from components.report.page_templates import page_templates
from components.report.scorecard import Scorecard

_TEMPLATES = page_templates()


def render_page(scorecard: Scorecard) -> str:
    """The page of a run. It shows the values that scorecard.json holds, each in a `<data>` with its path in it."""
    # Through to_dict and back, so that the page has no value (a NaN) that the JSON has not.
    return _TEMPLATES.get_template("run.html").render(scorecard=Scorecard.from_dict(scorecard.to_dict()))


def render_listing(scorecards: Sequence[Scorecard], unreadable: Sequence[str] = ()) -> str:
    """The page that lists runs, in the order given, and names the folders whose scorecard could not be read."""
    return _TEMPLATES.get_template("runs.html").render(scorecards=scorecards, unreadable=unreadable)
