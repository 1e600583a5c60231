"""The scorecard as aligned text."""

from __future__ import annotations

from collections.abc import Sequence

from components.report import contents, wording
from components.report.scorecard import Scorecard
from components.report.wording import number, plain


def render(scorecard: Scorecard) -> str:
    """Everything a person wants to see at the end of a run, without colours, ending in a line break."""
    parts = [
        _verdict(scorecard),
        _data(scorecard),
        *(_quality(scorecard, split) for split in contents.splits(scorecard)),
        *(_slices(scorecard, split) for split in contents.splits(scorecard)[:1]),  # the page has them all
        _index(scorecard),
        _gates(scorecard),
        _tuning(scorecard),
        _components(scorecard),
        _samples(scorecard),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def table(rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Rows as lines with aligned columns: the first `left` ones to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  " + "  ".join(cells).rstrip())
    return lines


def _verdict(scorecard: Scorecard) -> list[str]:
    run = scorecard.run
    lines = [f"{wording.verdict(scorecard)}   (run {plain(run.id)}, {wording.seconds(run.seconds)})"]
    if run.pushed_path:
        lines.append(f"  {run.pushed_path}")
    if run.models_of:
        lines.append(f"  a refresh of the catalogue, with the models of version {run.models_of}")
    if run.error:
        lines.append(f"  {plain(run.error, 400)}")
    lines += [f"  {refusal.rule}: {plain(wording.shortfall(refusal), 200)}" for refusal in run.refused]
    return lines


def _data(scorecard: Scorecard) -> list[str]:
    data = scorecard.data
    if data is None:
        return []
    rows = [("rows", ", ".join(f"{count:,} {table}" for table, count in data.rows.items()))]
    if data.split_rows:
        parts = ", ".join(f"{count:,} {split}" for split, count in data.split_rows.items())
        rows.append(("split", f"{data.split_kind or ''}: {parts}".lstrip(": ")))
    if data.time_from or data.time_to:
        rows.append(("time", f"{wording.moment(data.time_from)} to {wording.moment(data.time_to)}"))
    if data.dropped_unknown_items:
        rows.append(("dropped", f"{data.dropped_unknown_items:,} interactions with items outside of the catalogue"))
    return [f"Data   {plain(scorecard.run.data_location or '', 200)}".rstrip(), *table(rows, left=2)]


def _quality(scorecard: Scorecard, split: str) -> list[str]:
    lines = []
    names = contents.metric_names(scorecard, split)
    if names:
        systems = contents.systems(scorecard, split)
        best = (scorecard.run.best_achievable or {}).get(split)
        head = ["", *systems, "× popularity", *(["best achievable"] if best else [])]
        body = [
            [
                name,
                *(number(scorecard.metrics[split][system].get(name)) for system in systems),
                wording.ratio(scorecard, split, name),
                *([number(best.get(name))] if best else []),
            ]
            for name in names
        ]
        queries = contents.queries(scorecard, split)
        lines += [f"Quality on {split}" + (f", {number(queries)} queries" if queries is not None else "")]
        lines += table([head, *body])
        lines += [f"  {sentence}" for sentence in wording.differences(scorecard, split)]
    if ranking := scorecard.ranking.get(split):
        lines.append(f"Ranking model on {split}: " + ", ".join(f"{name} {number(v)}" for name, v in ranking.items()))
    return lines


def _slices(scorecard: Scorecard, split: str) -> list[str]:
    slices = scorecard.slices.get(split, [])
    if not slices:
        return []
    names = [name for name in contents.HEADLINES if any(name in part.metrics for part in slices)]
    names = names or list(slices[0].metrics)[:2]
    body = [
        [plain(f"{part.column} = {part.value}", 40), f"{part.queries:,}", *(number(part.metrics.get(n)) for n in names)]
        for part in slices
    ]
    return [f"Slices of {split}", *table([["", "queries", *names], *body])]


def _index(scorecard: Scorecard) -> list[str]:
    if not scorecard.index:
        return []
    return ["Candidate index", *table([(name, number(value)) for name, value in scorecard.index.items()], left=2)]


def _gates(scorecard: Scorecard) -> list[str]:
    rows = [
        (plain(gate.name), "passed" if gate.passed else "REFUSED", number(gate.value), number(gate.limit))
        for gate in scorecard.gates
    ]
    return ["Gates", *table([("", "", "value", "limit"), *rows], left=2)] if rows else []


def _tuning(scorecard: Scorecard) -> list[str]:
    tuning = scorecard.tuning
    if tuning is None:
        return []
    lines = [
        f"Tuner   {tuning.trials} trials, nDCG@10 on eval {number(tuning.untuned)} untuned, {number(tuning.best)} best"
    ]
    lines += table([(name, wording.setting(value)) for name, value in tuning.values.items()], left=2)
    return [*lines, f"  {tuning.config}"] if tuning.config else lines


def _components(scorecard: Scorecard) -> list[str]:
    rows = [(part.id, part.state, wording.seconds(part.seconds)) for part in scorecard.components]
    return ["Components", *table(rows, left=2)] if rows else []


def _samples(scorecard: Scorecard) -> list[str]:
    lines = []
    for sample in scorecard.samples:
        history = " · ".join(plain(title, 40) for title in sample.history[-5:])
        lines.append(f"Recommended to {plain(sample.user_id)}" + (f", who took last: {history}" if history else ""))
        rows = [
            (str(place), number(item.score), plain(item.title or item.item_id))
            for place, item in enumerate(sample.items, start=1)
        ]
        lines += ["  " + f"{place:>2}  {score:>8}  {title}" for place, score, title in rows]
    return lines
