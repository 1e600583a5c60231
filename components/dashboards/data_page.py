"""Statistics and anomalies of the data as a page without a script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components.dashboards import plots
from components.dashboards.page_templates import TEMPLATES
from components.dashboards.statistics import SHOWN_VALUES, ColumnStatistics, TableStatistics, shown_values
from components.report import chart
from components.report.evidence import Anomaly, Drift

PAGE = "data.html"


def render_data_page(
    run: str, tables: Sequence[TableStatistics], anomalies: Sequence[Anomaly], drifts: Sequence[Drift]
) -> str:
    """The page of a run: what TFDV objects to, then every column of every table, splits side by side."""
    return TEMPLATES.get_template("data.html").render(
        run=run,
        tables=tables,
        anomalies=anomalies,
        drifts=drifts,
        plots=plots,
        chart=chart,
        shown_values=shown_values,
        shows_ranks=_shows_ranks,
        facts=facts,
    )


def _shows_ranks(splits: Mapping[str, ColumnStatistics]) -> bool:
    """Whether there are more values than the bars show, and some are more frequent than others."""
    return any(
        part.texts is not None and part.texts.unique > SHOWN_VALUES and not part.id_like for part in splits.values()
    )


def facts(column: ColumnStatistics, rows: int) -> dict[str, float | int | str | None]:
    """What is said of a column in a split, by name, in the order in which it is shown.

    Args:
        column: its statistics.
        rows: of the split.
    """
    found: dict[str, float | int | str | None] = {
        "missing": f"{column.missing:,} ({column.missing / rows:.1%})" if column.missing else 0,
    }
    if column.longest > 1:
        found |= {"values in a cell, mean": column.values / rows if rows else None, "most": column.longest}
    if numbers := column.numbers:
        found |= {
            "mean": numbers.mean,
            "std": numbers.std,
            "min": numbers.minimum,
            "median": numbers.median,
            "max": numbers.maximum,
            "zeros": numbers.zeros,
        }
    if texts := column.texts:
        found |= {"unique": texts.unique, "mean length": texts.mean_length}
    return found
