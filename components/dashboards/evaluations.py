"""The Evaluators' results of a run by model and slice; `evaluation.json` keeps them for the pages of later runs."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.report.scorecard import Scorecard, Slice

FILE = "evaluation.json"
SIZES = ("queries", "rows")  # the metrics that count what a slice was measured on


@dataclasses.dataclass(frozen=True)
class SliceMetrics:
    """Metrics by TFMA's names ("ndcg_at_10") of the rows with one value of one column, or of all rows if both are "".

    What could not be measured (NaN) is left out.
    """

    column: str
    value: str
    metrics: dict[str, float]


@dataclasses.dataclass(frozen=True)
class ModelEvaluation:
    """A model, and what it is compared with.

    Attributes:
        slices: all rows first, then by column in the order of the config.
        baseline: the same of the other model; empty if there is none. Beside it, `slices` hold "…_diff".
        baseline_name: what that other model is, for people.
    """

    slices: list[SliceMetrics]
    baseline: list[SliceMetrics] = dataclasses.field(default_factory=list)
    baseline_name: str = ""

    @property
    def overall(self) -> dict[str, float]:
        """The metrics over all rows."""
        return next((part.metrics for part in self.slices if not part.column), {})

    @property
    def baseline_overall(self) -> dict[str, float]:
        """The other model's metrics over all rows."""
        return next((part.metrics for part in self.baseline if not part.column), {})

    @property
    def size(self) -> str:
        """The name of the metric that counts rows."""
        return next((name for name in SIZES if name in self.overall), SIZES[0])


@dataclasses.dataclass(frozen=True)
class RunEvaluation:
    """The evaluations of a run by model ("retrieval", "ranking"); `started` is ISO 8601 with time zone."""

    run: str
    started: str
    models: dict[str, ModelEvaluation]

    def to_json(self) -> str:
        """The text of evaluation.json."""
        return json.dumps(dataclasses.asdict(self), indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> RunEvaluation:
        """The inverse of `to_json`.

        Raises:
            ValueError, KeyError, TypeError: it is no such text.
        """
        values = json.loads(text)
        models = {
            name: ModelEvaluation(
                [SliceMetrics(**part) for part in model["slices"]],
                [SliceMetrics(**part) for part in model["baseline"]],
                model["baseline_name"],
            )
            for name, model in values["models"].items()
        }
        return cls(values["run"], values["started"], models)


def read_model(folder: str | Path, baseline_name: str) -> ModelEvaluation:
    """Reads the `evaluation` artifact of a TFX Evaluator, with or without a baseline.

    Raises:
        FileNotFoundError: the folder holds no evaluation.
    """
    import tensorflow_model_analysis as tfma  # seconds: only for who reads artifacts
    from tensorflow_model_analysis.writers import eval_config_writer

    config, *_ = eval_config_writer.load_eval_run(str(folder))
    if config is None:
        raise FileNotFoundError(f"no evaluation in {folder}")
    columns = [spec.feature_keys[0] if spec.feature_keys else "" for spec in config.slicing_specs]
    found: dict[bool, list[SliceMetrics]] = {True: [], False: []}
    for spec in config.model_specs:
        result = tfma.load_eval_result(str(folder), model_name=spec.name)
        parts = [_slice(key, outputs.get("", {}).get("", {})) for key, outputs in result.slicing_metrics]
        found[spec.is_baseline] = sorted(parts, key=lambda part: (columns.index(part.column), part.value))
    return ModelEvaluation(found[False], found[True], baseline_name if found[True] else "")


def servable_evaluations(scorecard: Scorecard, earlier: Scorecard | None) -> dict[str, ModelEvaluation]:
    """The servable's end-to-end metrics, by the split in the name, beside those of a run that was pushed before."""
    found = {}
    for split in scorecard.metrics:
        slices = _servable_slices(scorecard, split)
        other = _servable_slices(earlier, split) if earlier else []
        if other:
            slices = _with_differences(slices, other)
        if slices:
            name = f"run {earlier.run.id}, on the rows it had" if earlier and other else ""
            found[f"recommender on {split}"] = ModelEvaluation(slices, other, name)
    return found


def _servable_slices(scorecard: Scorecard, split: str) -> list[SliceMetrics]:
    overall = scorecard.metrics.get(split, {}).get("recommender")
    if overall is None:
        return []
    whole = Slice("", "", int(overall.get("queries") or 0), overall)
    return [
        SliceMetrics(part.column, part.value, {**_measured(part.metrics), "queries": float(part.queries)})
        for part in [whole, *scorecard.slices.get(split, [])]
    ]


def _measured(metrics: Mapping[str, float | None]) -> dict[str, float]:
    return {name.replace("@", "_at_"): value for name, value in metrics.items() if value is not None}


def _with_differences(slices: list[SliceMetrics], other: list[SliceMetrics]) -> list[SliceMetrics]:
    """As TFMA does it: beside every metric that both have, `…_diff`, this minus the other."""
    theirs = {(part.column, part.value): part.metrics for part in other}
    found = []
    for part in slices:
        base = theirs.get((part.column, part.value), {})
        differences = {f"{name}_diff": value - base[name] for name, value in part.metrics.items() if name in base}
        found.append(SliceMetrics(part.column, part.value, {**part.metrics, **differences}))
    return found


def _slice(key: tuple[tuple[str, Any], ...], values: Mapping[str, Mapping[str, float]]) -> SliceMetrics:
    column, value = key[0] if key else ("", "")
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    metrics = {name: float(found["doubleValue"]) for name, found in values.items() if "doubleValue" in found}
    return SliceMetrics(column, text, {name: number for name, number in metrics.items() if math.isfinite(number)})
