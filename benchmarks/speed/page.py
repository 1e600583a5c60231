"""The published page: Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.markdown import markdown_table
from benchmarks.speed.figures import Figure, Measured, Subject

_HEAD = """# Speed

Written by `make benchmark-speed`. Ratios are of medians of things done by turns in one process; × below 1 is faster.
Each section says on which machine it was measured, and how many processes wanted to run there before it began: these
are figures of a shared machine, so ratios say more than seconds.
"""


def page(subjects: Sequence[Subject], measured: Mapping[str, Measured]) -> str:
    """The page with those rows that were measured.

    Args:
        subjects: in order.
        measured: by name.
    """
    return "\n".join([_HEAD, *(_section(one, measured[one.name]) for one in subjects if one.name in measured)])


def _section(subject: Subject, measured: Measured) -> str:
    rows = [
        [figure.what, number(figure.value, figure.unit), _limit(figure), _reached(figure), figure.beside]
        for figure in measured.figures
    ]
    parts = [
        f"## {subject.title}\n",
        f"`--only {subject.name}`. {subject.about}\n",
        markdown_table(["", "measured", "bar", "reached", "of"], rows),
        f"{measured.machine}; load {measured.load:g}.\n",
    ]
    return "\n".join(parts)


def number(value: float, unit: str) -> str:
    """With its unit, in as many digits as say something."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.1 else 3
    text = f"{value:,.{digits}f}"
    return f"{text}{unit}" if unit == "×" else f"{text} {unit}".strip()


def _limit(figure: Figure) -> str:
    if figure.least is not None:
        return f"≥ {number(figure.least, figure.unit)}"
    return f"≤ {number(figure.most, figure.unit)}" if figure.most is not None else ""


def _reached(figure: Figure) -> str:
    return {True: "yes", False: "**no**", None: ""}[figure.reached]
