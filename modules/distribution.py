"""Where a training runs: alone, or in several processes that share its batches and keep one set of weights.

`TF_CONFIG` names the processes, as TensorFlow has it, and as Kubeflow's training operator and Vertex set it; each calls
the same `run_fn`. A worker draws the same batches in the same order as the others and computes every Nth of them; the
gradients are averaged, so that a step learns from one batch of each. What is decided while training (when to stop) the
chief decides for all; what is written, it alone writes.
"""

from __future__ import annotations

import contextlib
import copy
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

import tensorflow as tf

from modules.compute_config import ComputeConfig
from modules.errors import InputError
from modules.typed_config import from_mapping
from modules.warm_start_config import WarmStartConfig

# TensorFlow rewrites the graph of a step, operation by operation: layers need not know of it, as they would of Keras'
# policies. What is sensitive (sums, exponentials, losses) stays in float32, and so do all variables.
_FLOAT16 = "auto_mixed_precision"
_REWRITES = {_FLOAT16: "mixed_float16", "auto_mixed_precision_onednn_bfloat16": "mixed_bfloat16"}


@contextlib.contextmanager
def training_on(fn_args: Any) -> Iterator[tuple[Any, AbstractContextManager[None]]]:
    """Sets up strategy, precision and compiler for a Trainer, and puts them back.

    Args:
        fn_args: TFX's `FnArgs`; `custom_config` may hold "compute" (a `ComputeConfig`).

    Yields:
        the same arguments, to all but the chief with folders that are thrown away afterwards; and the scope in which
        models are built and trained. Data is read, and models are saved or loaded, outside of it.

    Raises:
        InputError: what cannot be done in several processes, or no longer in this one.
    """
    compute = from_mapping(ComputeConfig, fn_args.custom_config.get("compute", {}), "config [compute]")
    strategy, jit = _strategy(fn_args.custom_config), tf.config.optimizer.get_jit()
    half = {option: compute.precision == precision for option, precision in _REWRITES.items()}
    tf.config.optimizer.set_jit("autoclustering" if compute.xla else False)
    tf.config.optimizer.set_experimental_options(half)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            yield fn_args if _place(strategy) == 0 else _elsewhere(fn_args, scratch), strategy.scope()
    finally:
        tf.config.optimizer.set_jit(jit)
        tf.config.optimizer.set_experimental_options(dict.fromkeys(half, False))


def scaled(optimizer: tf.keras.optimizers.Optimizer) -> tf.keras.optimizers.Optimizer:
    """The optimizer, with the loss scaled where small gradients would be zeros in float16."""
    if tf.config.optimizer.get_experimental_options().get(_FLOAT16):
        return tf.keras.mixed_precision.LossScaleOptimizer(optimizer)
    return optimizer


def fed(dataset: tf.data.Dataset, passes: int, steps: int) -> dict[str, Any]:
    """What Keras' `fit` is given so that an epoch goes over the dataset several times.

    Args:
        dataset: the same batches in the same order in every process.
        passes: over the dataset in an epoch.
        steps: batches a pass has, or about so many.
    """
    strategy = tf.distribute.get_strategy()
    if _workers(strategy) == 1:
        return {"x": dataset.repeat(passes)}
    share = dataset.repeat().shard(_workers(strategy), _place(strategy))
    # From a function: Keras would cut batches into pieces of their rows, and in some a user's rows belong together.
    feed = strategy.distribute_datasets_from_function(lambda context: share)
    return {"x": feed, "steps_per_epoch": shared_steps(steps) * passes}


def shared_steps(steps: int) -> int:
    """How many steps it takes all replicas together to compute so many batches."""
    return max(1, steps // tf.distribute.get_strategy().num_replicas_in_sync)


def of_chief(figures: Mapping[str, float]) -> dict[str, float]:
    """The chief's figures, whoever asks: processes that decided differently would wait for each other for ever.

    Args:
        figures: as this process found them; the names are the same in all.
    """
    strategy = tf.distribute.get_strategy()
    if _workers(strategy) == 1 or not figures:
        return dict(figures)
    mine = tf.constant([[*figures.values()]], tf.float64)
    everyones = strategy.gather(strategy.experimental_distribute_values_from_function(lambda context: mine), axis=0)
    return dict(zip(figures, everyones[0].numpy().tolist(), strict=True))


def _strategy(custom_config: Mapping[str, Any]) -> tf.distribute.Strategy:
    """TensorFlow's own way to be alone, or that of several workers."""
    resolver = tf.distribute.cluster_resolver.TFConfigClusterResolver()
    tasks = resolver.cluster_spec().as_dict()
    if sum(len(addresses) for addresses in tasks.values()) < 2:
        return tf.distribute.get_strategy()
    if unknown := sorted(set(tasks) - {"chief", "worker"}):
        raise InputError("TF_CONFIG", "chief and workers", ", ".join(unknown))
    if from_mapping(WarmStartConfig, custom_config.get("warm_start", {}), "config [warm_start]").enabled:
        raise InputError("config [warm_start], key enabled", "false with several workers (TF_CONFIG)", True)
    try:
        return tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=resolver)
    except RuntimeError as error:
        expected = "a process in which TensorFlow has computed nothing yet, to train with several workers"
        raise InputError("TF_CONFIG", expected, error) from error


def _workers(strategy: tf.distribute.Strategy) -> int:
    """How many processes train together."""
    resolver = strategy.cluster_resolver
    return sum(map(len, resolver.cluster_spec().as_dict().values())) if resolver else 1


def _place(strategy: tf.distribute.Strategy) -> int:
    """This process' number among them, from 0: the chief, or where none is named so, the first worker."""
    resolver = strategy.cluster_resolver
    if resolver is None or resolver.task_type == "chief":
        return 0
    return int(resolver.task_id) + len(resolver.cluster_spec().as_dict().get("chief", []))


def _elsewhere(fn_args: Any, scratch: str) -> Any:
    """The arguments with other folders to write to."""
    moved = copy.copy(fn_args)
    moved.serving_model_dir, moved.model_run_dir = f"{scratch}/model", None
    moved.custom_config = {**fn_args.custom_config, "state": f"{scratch}/state"}
    return moved
