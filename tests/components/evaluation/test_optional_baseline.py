"""TFX's Evaluator with a baseline that may be missing."""

from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
import tensorflow_model_analysis as tfma
from google.protobuf import text_format
from tfx.types import artifact_utils, channel_utils, standard_artifacts
from tfx.types.artifact import Artifact
from tfx.utils import proto_utils

from components.evaluation.optional_baseline import (
    OptionalBaselineExecutor,
    RecommenderEvaluator,
    without_missing_baseline,
)

# The error may be 3 at most, and no higher than the baseline's.
CONFIG = text_format.Parse(
    """
    model_specs { label_key: "label" }
    slicing_specs {}
    metrics_specs { metrics {
      class_name: "MeanSquaredError"
      threshold { value_threshold { upper_bound { value: 3 } }
                  change_threshold { direction: LOWER_IS_BETTER absolute { value: 0 } } } } }
    """,
    tfma.EvalConfig(),
)


def constant_model(folder: Path, prediction: float) -> Artifact:
    """A model that predicts a constant, from serialised examples."""

    class Constant(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "examples")])
        def predict(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"prediction": tf.fill([tf.size(examples), 1], prediction)}

    module = Constant()
    tf.saved_model.save(module, str(folder / "Format-Serving"), {"serving_default": module.predict})
    return at(standard_artifacts.Model(), folder)


def at(artifact: Artifact, folder: Path) -> Artifact:
    artifact.uri = str(folder)
    return artifact


def three_labels(folder: Path) -> Artifact:
    """Examples whose labels are 1, 2 and 3: a constant 2 has the squared error 2/3, a constant 3 has 5/3."""
    examples = at(standard_artifacts.Examples(), folder)
    examples.split_names = artifact_utils.encode_split_names(["eval"])
    (folder / "Split-eval").mkdir(parents=True)
    with tf.io.TFRecordWriter(str(folder / "Split-eval" / "data.gz"), "GZIP") as writer:
        for label in (1.0, 2.0, 3.0):
            feature = tf.train.Feature(float_list=tf.train.FloatList(value=[label]))
            example = tf.train.Example(features=tf.train.Features(feature={"label": feature}))
            writer.write(example.SerializeToString())
    return examples


def evaluate(folder: Path, inputs: dict[str, list[Artifact]]) -> bool:
    """Whether the executor blesses."""
    outputs = {
        "evaluation": [at(standard_artifacts.ModelEvaluation(), folder / "evaluation")],
        "blessing": [at(standard_artifacts.ModelBlessing(), folder / "blessing")],
    }
    properties: dict[str, Any] = {"eval_config": proto_utils.proto_to_json(CONFIG), "example_splits": "null"}
    OptionalBaselineExecutor().Do(inputs, outputs, properties)
    return bool(outputs["blessing"][0].get_int_custom_property("blessed"))


def test_only_a_baseline_that_was_not_found_is_dropped() -> None:
    def inputs(found: int | None) -> dict[str, list[Artifact]]:
        model, baseline = standard_artifacts.Model(), standard_artifacts.Model()
        model.set_int_custom_property("found", 0)  # means something for baselines only
        if found is not None:
            baseline.set_int_custom_property("found", found)
        return {"model": [model], "baseline_model": [baseline]}

    assert set(without_missing_baseline(inputs(0))) == {"model"}
    assert set(without_missing_baseline(inputs(1))) == {"model", "baseline_model"}
    assert set(without_missing_baseline(inputs(None))) == {"model", "baseline_model"}
    assert without_missing_baseline({"baseline_model": []}) == {"baseline_model": []}


@pytest.mark.parametrize(
    ("prediction", "found", "blessed"),
    [
        (3.0, 1, False),  # 5/3 is worse than the baseline's 2/3
        (3.0, 0, True),  # nothing to be worse than
        (4.5, 0, False),  # 6.92: the limit on the value still holds
    ],
)
def test_evaluation(tmp_path: Path, prediction: float, found: int, blessed: bool) -> None:
    baseline = constant_model(tmp_path / "baseline", 2.0)
    if not found:
        (tmp_path / "baseline" / "Format-Serving" / "saved_model.pb").unlink()
    baseline.set_int_custom_property("found", found)
    inputs = {
        "examples": [three_labels(tmp_path / "examples")],
        "model": [constant_model(tmp_path / "model", prediction)],
        "baseline_model": [baseline],
    }
    assert evaluate(tmp_path, inputs) is blessed


def test_component() -> None:
    examples = channel_utils.as_channel([standard_artifacts.Examples()])
    model = channel_utils.as_channel([standard_artifacts.Model()])
    node = RecommenderEvaluator(examples=examples, model=model, baseline_model=model, eval_config=CONFIG)
    assert node.executor_spec.executor_class is OptionalBaselineExecutor
    assert set(node.outputs) == {"evaluation", "blessing"}
