"""What an Evaluator found, read back from its artifact for gates and reports."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from pathlib import Path

import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.proto import config_pb2
from tensorflow_model_analysis.writers import eval_config_writer

from components.report.evidence import Metrics
from components.report.scorecard import Gate, Slice


@dataclasses.dataclass(frozen=True)
class EvaluationResult:
    """The metrics of the candidate model by the scorecard's names ("ndcg@10").

    Attributes:
        overall: over all rows.
        slices: of single columns, in the order of the config; "queries" is the number of queries or of rows.
        gates: every threshold, with what was measured; a relative change counts upwards from the baseline.
        passed: what TFMA itself says of all of them together.
    """

    overall: Metrics
    slices: list[Slice]
    gates: list[Gate]
    passed: bool


def read_evaluation(folder: str | Path, subject: str) -> EvaluationResult:
    """Reads the `evaluation` artifact of a TFX Evaluator whose config came from `eval_config`.

    Args:
        folder: the artifact's.
        subject: what was evaluated ("retrieval", "ranking"), for the names of the gates.

    Raises:
        FileNotFoundError: the folder holds no evaluation.
    """
    config, *_ = eval_config_writer.load_eval_run(str(folder))
    if config is None:
        raise FileNotFoundError(f"no evaluation in {folder}")
    candidate = next(spec for spec in config.model_specs if not spec.is_baseline)
    found = tfma.load_eval_result(str(folder), model_name=candidate.name)
    overall: dict[str, float] = {}
    slices = []
    for key, outputs in found.slicing_metrics:
        values = {name: float(value["doubleValue"]) for name, value in outputs[""][""].items()}
        if not key:
            overall = values
            continue
        [(column, value)] = key
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        metrics = _metrics(values)
        size = metrics.pop("queries", metrics.pop("rows", 0.0))
        slices.append(Slice(column, text, int(size or 0), metrics))
    order = [spec.feature_keys[0] for spec in config.slicing_specs if spec.feature_keys]
    slices.sort(key=lambda part: (order.index(part.column), part.value))
    gates = [gate for spec in config.metrics_specs for gate in _gates(spec, overall, subject)]
    return EvaluationResult(_metrics(overall), slices, gates, tfma.load_validation_result(str(folder)).validation_ok)


def _metrics(values: Mapping[str, float]) -> Metrics:
    """By the scorecard's names, without TFMA's differences from the baseline; None where nothing was measured."""
    return {
        name.replace("_at_", "@"): None if value != value else value
        for name, value in values.items()
        if not name.endswith("_diff")
    }


def _gates(spec: config_pb2.MetricsSpec, overall: Mapping[str, float], subject: str) -> list[Gate]:
    """The thresholds of a MetricsSpec beside what was measured over all rows."""
    gates = []
    for name, bounds in sorted(spec.per_slice_thresholds.items()):
        label = f"{subject} {name.replace('_at_', '@')}"
        value = overall.get(name, float("nan"))
        difference = overall.get(f"{name}_diff")
        for threshold in (part.threshold for part in bounds.thresholds):
            if threshold.HasField("value_threshold"):
                gates.append(_absolute(label, value, threshold.value_threshold))
            if threshold.HasField("change_threshold") and difference is not None:
                gates.append(_change(label, value, difference, threshold.change_threshold))
    return gates


def _absolute(label: str, value: float, threshold: config_pb2.GenericValueThreshold) -> Gate:
    measured = None if value != value else value
    if threshold.HasField("lower_bound"):
        limit = threshold.lower_bound.value
        return Gate(label, value >= limit, measured, limit, "at least the configured minimum")
    limit = threshold.upper_bound.value
    if limit >= sys.float_info.max:  # what eval_config sets where no limit is configured
        return Gate(label, value <= limit, measured, None, "any number, as no limit is configured")
    return Gate(label, value <= limit, measured, limit, "at most the configured maximum")


def _change(label: str, value: float, difference: float, threshold: config_pb2.GenericChangeThreshold) -> Gate:
    baseline = value - difference
    change = difference / baseline if baseline else float("nan")
    limit = threshold.relative.value
    rises = threshold.direction == config_pb2.MetricDirection.HIGHER_IS_BETTER
    passed = change >= limit if rises else change <= limit
    allowed = f"may {'fall' if rises else 'rise'} by {abs(limit):.0%} against the last blessed model"
    return Gate(f"change of {label}", passed, None if change != change else change, limit, allowed)
