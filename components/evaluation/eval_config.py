"""What TFMA's Evaluator is told for the two models: metrics, slices and the thresholds of the gates.

Every gate holds for all rows together (slices are reported, not gated), and has an absolute bound: TFX drops changes
where there is no earlier model, and would bless nothing if no threshold were left. Bounds that are not configured are
such that every finite value passes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from google.protobuf import wrappers_pb2
from tensorflow_model_analysis.proto import config_pb2

from components.gate.config import GateConfig
from modules.roles import RELEVANT, WEIGHT, Roles

SIGNATURE = "serving_default"
TARGET_OUTPUT = "target"
TAKEN_OUTPUT = "taken"
GATE_KS = (10, 100)  # nDCG@10 and recall@100 are the retrieval gates


def retrieval_eval_config(
    limits: GateConfig,
    ks: Sequence[int] = GATE_KS,
    catalogue_size: int | None = None,
    slice_columns: Sequence[str] = (),
) -> config_pb2.EvalConfig:
    """For a model whose `serving_default` maps serialized queries [B] to `item_id` string [B, K], best first.

    The rows are the query examples, with the list `relevant_items`. nDCG@10 and recall@100 are gated. Coverage is
    measured where the size of the catalogue is known beforehand.
    """
    drop = _drop_at_most(limits.retrieval_drop_max)
    metrics = config_pb2.MetricConfig(
        module="components.evaluation.retrieval_metrics",
        class_name="RetrievalMetrics",
        config=json.dumps({"ks": sorted({*ks, *GATE_KS}), "catalogue_size": catalogue_size}),
    )
    gates = {
        "ndcg_at_10": config_pb2.MetricThreshold(
            value_threshold=_at_least(limits.retrieval_ndcg_at_10_min), change_threshold=drop
        ),
        "recall_at_100": config_pb2.MetricThreshold(
            value_threshold=_at_least(limits.retrieval_recall_at_100_min), change_threshold=drop
        ),
    }
    return _config(config_pb2.ModelSpec(signature_name=SIGNATURE, label_key=RELEVANT), [metrics], gates, slice_columns)


def ranking_eval_config(roles: Roles, limits: GateConfig, slice_columns: Sequence[str] = ()) -> config_pb2.EvalConfig:
    """For a model whose `serving_default` maps serialized interactions [B] to predictions float [B].

    With a target: the output `target` against that column, RMSE gated. Without one: the output `taken`, a probability,
    against whether the interaction's weight is above 0, AUC gated.
    """
    if roles.target is None:
        metrics = config_pb2.MetricConfig(module="components.evaluation.ranking_metrics", class_name="TakenMetrics")
        gate = config_pb2.MetricThreshold(
            value_threshold=_at_least(limits.auc_min), change_threshold=_drop_at_most(limits.auc_drop_max)
        )
        spec = config_pb2.ModelSpec(signature_name=SIGNATURE, label_key=WEIGHT, prediction_key=TAKEN_OUTPUT)
        return _config(spec, [metrics], {"auc": gate}, slice_columns)
    metrics = config_pb2.MetricConfig(module="components.evaluation.ranking_metrics", class_name="TargetMetrics")
    gate = config_pb2.MetricThreshold(
        value_threshold=_at_most(limits.rmse_max), change_threshold=_rise_at_most(limits.rmse_rise_max)
    )
    spec = config_pb2.ModelSpec(signature_name=SIGNATURE, label_key=roles.target, prediction_key=TARGET_OUTPUT)
    return _config(spec, [metrics], {"rmse": gate}, slice_columns)


def _config(
    model: config_pb2.ModelSpec,
    metrics: list[config_pb2.MetricConfig],
    gates: dict[str, config_pb2.MetricThreshold],
    slice_columns: Sequence[str],
) -> config_pb2.EvalConfig:
    """The config that gates the named results of `metrics` over all rows."""
    overall = config_pb2.SlicingSpec()
    spec = config_pb2.MetricsSpec(metrics=metrics)
    for name, threshold in gates.items():
        gate = config_pb2.PerSliceMetricThreshold(slicing_specs=[overall], threshold=threshold)
        spec.per_slice_thresholds[name].thresholds.append(gate)
    return config_pb2.EvalConfig(
        model_specs=[model],
        metrics_specs=[spec],
        slicing_specs=[overall, *(config_pb2.SlicingSpec(feature_keys=[column]) for column in slice_columns)],
    )


def _at_least(value: float) -> config_pb2.GenericValueThreshold:
    return config_pb2.GenericValueThreshold(lower_bound=wrappers_pb2.DoubleValue(value=value))


def _at_most(value: float | None) -> config_pb2.GenericValueThreshold:
    limit = sys.float_info.max if value is None else value
    return config_pb2.GenericValueThreshold(upper_bound=wrappers_pb2.DoubleValue(value=limit))


def _drop_at_most(share: float) -> config_pb2.GenericChangeThreshold:
    return config_pb2.GenericChangeThreshold(
        direction=config_pb2.MetricDirection.HIGHER_IS_BETTER, relative=wrappers_pb2.DoubleValue(value=-share)
    )


def _rise_at_most(share: float) -> config_pb2.GenericChangeThreshold:
    return config_pb2.GenericChangeThreshold(
        direction=config_pb2.MetricDirection.LOWER_IS_BETTER, relative=wrappers_pb2.DoubleValue(value=share)
    )
