"""RecommenderEvaluator: TFX's Evaluator with a baseline that need not exist."""

from __future__ import annotations

from typing import Any

from tfx.components.evaluator import component as tfx_evaluator
from tfx.components.evaluator import executor as tfx_evaluator_executor
from tfx.dsl.components.base import executor_spec
from tfx.types.artifact import Artifact

from components.absence import is_left_out

BASELINE_MODEL = "baseline_model"


class OptionalBaselineExecutor(tfx_evaluator_executor.Executor):
    """Evaluates without a baseline where the baseline artifact says that none was found."""

    def Do(
        self,
        input_dict: dict[str, list[Artifact]],
        output_dict: dict[str, list[Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Like TFX's; without a baseline, thresholds on values hold and thresholds on changes do not apply."""
        super().Do(without_missing_baseline(input_dict), output_dict, exec_properties)


def without_missing_baseline(inputs: dict[str, list[Artifact]]) -> dict[str, list[Artifact]]:
    """The inputs, less a `baseline_model` whose custom property `found` is 0."""
    baselines = inputs.get(BASELINE_MODEL, [])
    if any(map(is_left_out, baselines)):
        return {key: artifacts for key, artifacts in inputs.items() if key != BASELINE_MODEL}
    return inputs


class RecommenderEvaluator(tfx_evaluator.Evaluator):
    """TFX's Evaluator for a pipeline whose first run has nothing to compare with. Same arguments and outputs."""

    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(OptionalBaselineExecutor)
