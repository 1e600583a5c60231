"""Runs TFX's real Evaluator executor on tiny models, and says what it found."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.proto import config_pb2
from tfx.components.evaluator.executor import Executor
from tfx.types import standard_artifacts
from tfx.utils import json_utils, proto_utils


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """What an Evaluator wrote: metrics by slice ("" or "column=value"), failed gates, and its blessing."""

    folder: str
    metrics: dict[str, dict[str, float]]
    failed: set[str]
    blessed: bool


Evaluate = Callable[..., Evaluation]


@pytest.fixture
def evaluate(tmp_path: Path) -> Evaluate:
    """Evaluates `model` (beside `baseline`) on tf.Examples as the pipeline does; each a tf.Module with `serve`."""

    def run(
        config: config_pb2.EvalConfig,
        examples: Sequence[tf.train.Example],
        model: tf.Module,
        baseline: tf.Module | None = None,
    ) -> Evaluation:
        home = tmp_path / f"run{len(list(tmp_path.iterdir()))}"
        rows = standard_artifacts.Examples()
        rows.uri, rows.split_names = str(home / "examples"), '["eval"]'
        (home / "examples" / "Split-eval").mkdir(parents=True)
        with tf.io.TFRecordWriter(str(home / "examples" / "Split-eval" / "data-00000.tfrecord")) as writer:
            for example in examples:
                writer.write(example.SerializeToString())
        inputs: dict[str, list[Any]] = {"examples": [rows], "model": [_save(model, home / "model")]}
        if baseline:
            inputs["baseline_model"] = [_save(baseline, home / "baseline")]
        evaluation, blessing = standard_artifacts.ModelEvaluation(), standard_artifacts.ModelBlessing()
        evaluation.uri, blessing.uri = str(home / "evaluation"), str(home / "blessing")
        (home / "blessing").mkdir()
        Executor().Do(
            inputs,
            {"evaluation": [evaluation], "blessing": [blessing]},
            {
                "eval_config": proto_utils.proto_to_json(config),
                "example_splits": json_utils.dumps(["eval"]),
                "fairness_indicator_thresholds": "null",
            },
        )
        return _read(evaluation.uri, Path(blessing.uri), "candidate" if baseline else "")

    return run


def _save(model: tf.Module, folder: Path) -> standard_artifacts.Model:
    artifact = standard_artifacts.Model()
    artifact.uri = str(folder)
    tf.saved_model.save(model, str(folder / "Format-Serving"), signatures={"serving_default": model.serve})
    return artifact


def _read(folder: str, blessing: Path, model_name: str) -> Evaluation:
    result = tfma.load_eval_result(folder, model_name=model_name)
    metrics = {
        "&".join(f"{column}={value}" for column, value in key): {
            name: float(value["doubleValue"]) for name, value in outputs[""][""].items()
        }
        for key, outputs in result.slicing_metrics
    }
    validation = tfma.load_validation_result(folder)
    failed = {
        failure.metric_key.name + ("_change" if failure.metric_key.is_diff else "")
        for part in validation.metric_validations_per_slice
        for failure in part.failures
    }
    return Evaluation(folder, metrics, failed, (blessing / "BLESSED").exists())
