"""How far the distribution of a column in eval and test is from train's."""

from __future__ import annotations

import math

from components.dashboards.statistics import ColumnStatistics, TableStatistics
from components.report.evidence import Drift

REFERENCE = "train"
KIND = f"from {REFERENCE}"


def shifts(table: TableStatistics) -> list[Drift]:
    """Every column that both splits have, the furthest first."""
    found = [
        Drift(table.name, split, name, KIND, *distance)
        for name, splits in table.columns.items()
        for split, column in splits.items()
        if split != REFERENCE and REFERENCE in splits
        if (distance := _distance(splits[REFERENCE], column)) is not None
    ]
    return sorted(found, key=lambda drift: -drift.value)


def _distance(reference: ColumnStatistics, column: ColumnStatistics) -> tuple[str, float] | None:
    """Name and value of the distance that fits the kind of column; None where nothing can be said.

    Numbers: difference of the means in standard deviations of the reference. Texts: the greatest difference in the
    share of any value that is counted in both (TFDV's L-infinity norm).
    """
    if reference.numbers and column.numbers:
        moved, std = abs(column.numbers.mean - reference.numbers.mean), reference.numbers.std
        return ("mean, in std", moved / std) if std > 0 and math.isfinite(moved / std) else None
    if reference.texts and column.texts and not reference.id_like:
        differences = [
            abs(ours - theirs)
            for value in {*reference.texts.counts, *column.texts.counts}
            if (ours := column.share(value)) is not None and (theirs := reference.share(value)) is not None
        ]
        return ("share of a value", max(differences)) if differences else None
    return None
