"""Writes the dashboards of a run beside its report."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from components.dashboards import data_page, evaluations, models_page
from components.dashboards.anomalies import read_anomalies
from components.dashboards.evaluations import RunEvaluation, read_model, servable_evaluations
from components.dashboards.shift import shifts
from components.dashboards.statistics import read_statistics
from components.report.evidence import Comparison
from components.report.folder import read_scorecards, write_whole
from components.report.scorecard import Scorecard

RUNS_SHOWN = 50  # of a time series
_BASELINE = "the last published model, on the same rows"


@dataclasses.dataclass(frozen=True)
class Sources:
    """Folders of artifacts, by model or table; what a run did not get to is absent."""

    evaluations: Mapping[str, str] = dataclasses.field(default_factory=dict)
    statistics: Mapping[str, str] = dataclasses.field(default_factory=dict)
    anomalies: Mapping[str, str] = dataclasses.field(default_factory=dict)


def write_dashboards(reports_dir: str | Path, scorecard: Scorecard, sources: Sources) -> Scorecard:
    """Writes the pages that there is evidence for into <reports>/<run>/.

    Returns:
        The scorecard with what was found on the way: anomalies, drifts, comparisons and the links to the pages.

    Raises:
        FileNotFoundError: an artifact is not where its folder should be.
        OSError: the pages cannot be written.
    """
    folder = Path(reports_dir) / scorecard.run.id
    folder.mkdir(parents=True, exist_ok=True)
    return _write_models(folder, _write_data(folder, scorecard, sources), sources)


def _write_data(folder: Path, scorecard: Scorecard, sources: Sources) -> Scorecard:
    if not sources.statistics:
        return scorecard
    tables = [read_statistics(name, uri) for name, uri in sources.statistics.items()]
    found = [read_anomalies(name, uri) for name, uri in sources.anomalies.items()]
    anomalies = [anomaly for part, _ in found for anomaly in part]
    drifts = [*scorecard.drifts, *(drift for _, part in found for drift in part)] + [
        drift for table in tables for drift in shifts(table)
    ]
    write_whole(folder / data_page.PAGE, data_page.render_data_page(scorecard.run.id, tables, anomalies, drifts))
    dashboards = {**scorecard.dashboards, "statistics and anomalies of the data": data_page.PAGE}
    return dataclasses.replace(scorecard, anomalies=anomalies, drifts=drifts, dashboards=dashboards)


def _write_models(folder: Path, scorecard: Scorecard, sources: Sources) -> Scorecard:
    models = {name: read_model(uri, _BASELINE) for name, uri in sources.evaluations.items()}
    models |= servable_evaluations(scorecard, _pushed_before(folder.parent, scorecard))
    models = {name: model for name, model in models.items() if model.overall}  # nothing can be said of no rows
    if not models:
        return scorecard
    evaluation = RunEvaluation(scorecard.run.id, scorecard.run.started, models)
    write_whole(folder / evaluations.FILE, evaluation.to_json())
    page = models_page.render_models_page(evaluation, _history(folder.parent, evaluation))
    write_whole(folder / models_page.PAGE, page)
    comparisons = [
        Comparison(name, metric, value, models[name].baseline_overall[metric])
        for name in sources.evaluations
        if name in models
        for metric, value in models[name].overall.items()
        if metric in models[name].baseline_overall and metric != models[name].size
    ]
    comparisons += _of_the_servable(scorecard)
    dashboards = {**scorecard.dashboards, "models: slices, comparison, over the runs": models_page.PAGE}
    return dataclasses.replace(scorecard, comparisons=comparisons, dashboards=dashboards)


def _of_the_servable(scorecard: Scorecard) -> list[Comparison]:
    """The recommender end to end beside the published one, on the same queries of eval."""
    own, published = (scorecard.metrics.get("eval", {}).get(system, {}) for system in ("recommender", "published"))
    return [
        Comparison("recommender", metric.replace("@", "_at_"), value, other)
        for metric, value in own.items()
        if metric != "queries" and value is not None and (other := published.get(metric)) is not None
    ]


def _history(reports: Path, evaluation: RunEvaluation) -> list[RunEvaluation]:
    """The newest runs up to this one, oldest first."""
    found = {evaluation.run: evaluation}
    for path in reports.glob(f"*/{evaluations.FILE}"):
        try:
            earlier = RunEvaluation.from_json(path.read_text(encoding="utf-8"))
        except (ValueError, KeyError, TypeError):  # another version's: the list of runs says so
            continue
        if earlier.started < evaluation.started:
            found[earlier.run] = earlier
    return sorted(found.values(), key=lambda one: one.started)[-RUNS_SHOWN:]


def _pushed_before(reports: Path, scorecard: Scorecard) -> Scorecard | None:
    """The newest earlier run that was pushed."""
    earlier = [one for one in read_scorecards(reports)[0] if one.run.started < scorecard.run.started]
    return next((one for one in earlier if one.run.verdict == "pushed"), None)
