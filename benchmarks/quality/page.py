"""The published page: Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.machine import machine
from benchmarks.markdown import markdown_table
from benchmarks.quality.bench import Protocol
from benchmarks.quality.results import OURS, Bar, Row
from benchmarks.quality.summary import Figure, Line, Verdict, lines_of, verdicts

_HEAD = """# Quality

Written by `make benchmark-quality`. Every figure of ours comes from the pushed servable of a whole run of
`local_runner.py`, asked through its signatures; everything is judged by `benchmarks/quality/metrics.py`. The baselines
(`benchmarks/baselines/`) were measured in the same run on the same rows and queries; their parameters were chosen on
rows of train (`benchmarks/baselines/tuned.py`). ± is the standard deviation over seeds. Bars are those that this
project set itself from published figures.
"""


def page(protocols: Mapping[str, Protocol], rows: Mapping[str, Sequence[Row]]) -> str:
    """The page with those protocols that have rows.

    Args:
        protocols: by name, in order.
        rows: by protocol, what was measured.
    """
    measured = [(protocol, rows[name]) for name, protocol in protocols.items() if rows.get(name)]
    codes = sorted({row.code for _, some in measured for row in some if row.code})
    ours = f"Code of ours: {', '.join(codes)}. " if codes else ""
    parts = [_HEAD, f"{ours}Measured on {machine()}, shared with other work: CPU-seconds, not wall time.\n"]
    parts += [_bars(measured)]
    parts += [_section(protocol, some) for protocol, some in measured]
    return "\n".join(parts)


def _bars(measured: Sequence[tuple[Protocol, Sequence[Row]]]) -> str:
    cells = [
        [protocol.title, *_bar_cells(verdict)]
        for protocol, rows in measured
        for verdict in verdicts(protocol.bars, lines_of(rows))
    ]
    head = ["protocol", "figure", "measured", "bar", "reached"]
    return "## Bars\n\n" + markdown_table(head, cells)


def _bar_cells(verdict: Verdict) -> list[str]:
    bar = verdict.bar
    what = ", ".join(
        part for part in (bar.metric, bar.group, bar.system.removeprefix(f"{OURS}, ")) if part and part != OURS
    )
    reached = {True: "yes", False: "**no**", None: "not measured"}[verdict.reached]
    return [what, _cell(verdict.value), _limit(bar, verdict), reached]


def _limit(bar: Bar, verdict: Verdict) -> str:
    sign = "≤" if bar.most is not None else "≥"
    of = f" ({verdict.limit_of})" if verdict.limit_of else ""
    return f"{sign} {number(verdict.limit)}{of}" if verdict.limit is not None else f"{sign}{of}"


def _section(protocol: Protocol, rows: Sequence[Row]) -> str:
    lines = lines_of(rows)
    parts = [f"## {protocol.title}\n", f"`--protocol {protocol.name}`. {protocol.about}\n"]
    for group in dict.fromkeys(line.group for line in lines):
        some = [line for line in lines if line.group == group]
        parts += [f"### {group[0].upper()}{group[1:]}\n"] if group else []
        parts += [_table(protocol, some)]
    return "\n".join(parts)


def _table(protocol: Protocol, lines: Sequence[Line]) -> str:
    columns = [name for name in protocol.metrics if any(name in line.figures for line in lines)]
    cells = [
        [
            f"**{line.system}**" if line.is_ours else line.system,
            line.learned_from,
            *(_cell(line.figures.get(name)) for name in columns),
            ", ".join(map(str, line.seeds)) or "–",
        ]
        for line in lines
    ]
    return markdown_table(["", "learned from", *columns, "seeds"], cells)


def number(value: float) -> str:
    """Four places for shares, fewer for what is counted."""
    if value != value:
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 2:
        return f"{value:.1f}"
    return f"{value:.4f}"


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return ""
    spread = f" ± {number(figure.spread)}" if figure.spread is not None else ""
    return number(figure.mean) + spread
