"""The templates of all pages: those of the run report, and others that use its styles and parts."""

from __future__ import annotations

from pathlib import Path

import jinja2

from components.report import chart, contents, wording


def page_templates(*folders: Path) -> jinja2.Environment:
    """The templates in some folders, beside those of the run report, with what the latter's parts use."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, Path(__file__).parent / "templates"]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals.update(chart=chart, contents=contents, wording=wording)
    templates.filters.update(number=wording.number, seconds=wording.seconds)
    return templates
