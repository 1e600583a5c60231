"""The templates of the dashboards; styles and small parts are those of the run report."""

from __future__ import annotations

from pathlib import Path

from components.report import wording
from components.report.page_templates import page_templates

TEMPLATES = page_templates(Path(__file__).parent / "templates")


def amount(value: float | int | str | None) -> str:
    """A value in the units of a column, whose whole numbers are written without decimals, however small."""
    return wording.number(int(value) if isinstance(value, float) and value.is_integer() else value)


TEMPLATES.globals.update(amount=amount)
TEMPLATES.filters.update(amount=amount)
