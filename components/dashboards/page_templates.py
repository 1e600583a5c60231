"""The templates of the dashboards; styles and small parts are those of the run report."""

from __future__ import annotations

from pathlib import Path

import jinja2

from components.report import wording

_HERE = Path(__file__).parent

TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader([_HERE / "templates", _HERE.parent / "report" / "templates"]),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def amount(value: float | int | str | None) -> str:
    """A value in the units of a column, whose whole numbers are written without decimals, however small."""
    return wording.number(int(value) if isinstance(value, float) and value.is_integer() else value)


TEMPLATES.globals.update(wording=wording, amount=amount)
TEMPLATES.filters.update(number=wording.number, amount=amount)
