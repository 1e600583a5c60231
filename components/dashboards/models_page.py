"""TFMA's own components as a page that needs no network: slices, time series and comparison of every model."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from components.dashboards.evaluations import ModelEvaluation, RunEvaluation, SliceMetrics
from components.dashboards.page_templates import TEMPLATES

PAGE = "models.html"
_HERE = Path(__file__).parent
OVERALL = "Overall"  # TFMA's word for all rows
HEADLINES = ("ndcg_at_10", "recall_at_100", "rmse", "auc")  # what is drawn before anything is chosen


def render_models_page(evaluation: RunEvaluation, history: Sequence[RunEvaluation]) -> str:
    """The page of a run.

    Args:
        evaluation: of the run, with the servable's if there are any.
        history: of the runs up to this one, this one included, oldest first.
    """
    return TEMPLATES.get_template("models.html").render(
        run=evaluation,
        history=history,
        data=_embedded({name: _view(name, model, history) for name, model in evaluation.models.items()}),
        charts=_script(_HERE / "static" / "google_charts.js"),
        components=_script(_tfma() / "static" / "vulcanized_tfma.js"),
        wiring=_script(_HERE / "static" / "models_page.js"),
        columns=lambda model: list(dict.fromkeys(part.column or OVERALL for part in model.slices)),
    )


def _view(name: str, model: ModelEvaluation, history: Sequence[RunEvaluation]) -> dict[str, Any]:
    """What the components of one model are given."""
    columns = list(dict.fromkeys(part.column for part in model.slices))
    return {
        "config": {"weightedExamplesColumn": model.size},
        "headlines": [metric for metric in HEADLINES if metric in model.overall] or list(model.overall)[:1],
        "slices": {column or OVERALL: _slices(model.slices, column) for column in columns},
        "comparison": _comparison(model) if model.baseline else None,
        "series": [
            {"metrics": _metrics(earlier.models[name].overall), "config": {"modelIdentifier": n, "dataIdentifier": n}}
            for n, earlier in enumerate(history, start=1)
            if name in earlier.models
        ],
    }


def _slices(parts: Iterable[SliceMetrics], column: str) -> list[dict[str, Any]]:
    return [_slice(part, _metrics(part.metrics)) for part in parts if part.column == column]


def _comparison(model: ModelEvaluation) -> dict[str, Any]:
    """Both models on the slices that both have."""
    ours, theirs = ({(part.column, part.value): part for part in parts} for parts in (model.slices, model.baseline))
    shared = [key for key in ours if key in theirs]
    return {
        name: [_compared(parts[key], model.size) for key in shared]
        for name, parts in (("candidate", ours), ("baseline", theirs))
    }


def _compared(part: SliceMetrics, size: str) -> dict[str, Any]:
    """Without differences, which the component draws; it expects the size of a slice by the name `example_count`."""
    metrics = {name: value for name, value in part.metrics.items() if not name.endswith("_diff") and name != size}
    return _slice(part, _values({**metrics, "example_count": part.metrics.get(size, 0.0)}))


def _slice(part: SliceMetrics, metrics: dict[str, Any]) -> dict[str, Any]:
    name = f"{part.column}:{part.value}" if part.column else OVERALL
    return {"slice": name, "sliceValue": part.value or OVERALL, "metrics": metrics}


def _metrics(metrics: Mapping[str, float]) -> dict[str, Any]:
    """By output and sub-key, of which these models have one each."""
    return {"": {"": _values(metrics)}}


def _values(metrics: Mapping[str, float]) -> dict[str, Any]:
    return {name: {"doubleValue": value} for name, value in metrics.items()}


def _embedded(value: object) -> str:
    """JSON that cannot end the script element it stands in."""
    return jinja2.utils.htmlsafe_json_dumps(value, dumps=json.dumps, allow_nan=False)


def _script(path: Path) -> str:
    """A script's text that cannot end the element it stands in; to JavaScript an escaped slash is a slash."""
    return path.read_text(encoding="utf-8").replace("</script", "<\\/script")


def _tfma() -> Path:
    """Folder of the installed TFMA, without the seconds of importing it."""
    spec = importlib.util.find_spec("tensorflow_model_analysis")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("tensorflow_model_analysis is not installed")
    return Path(spec.origin).parent
