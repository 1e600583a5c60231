"""A baseline fitted, timed, asked and judged."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from benchmarks.baselines.baseline import Baseline
from benchmarks.baselines.log import Log
from benchmarks.quality import metrics
from benchmarks.quality.metrics import Floats, Ints
from benchmarks.quality.queries import Queries, answer
from benchmarks.quality.results import TRAIN, TRAIN_AND_EVAL, Row

K = 10
TRAINING = "training CPU-s"


def judged(lists: Ints, queries: Queries, k: int = K) -> dict[str, Floats]:
    """By metric, the value of each query.

    Raises:
        ValueError: something blocked was recommended.
    """
    if metrics.found(lists, queries.blocked).any():
        raise ValueError("a list holds an item that must not be recommended")
    hits, count = metrics.found(lists, queries.relevant), queries.num_relevant()
    return {
        f"ndcg@{k}": metrics.ndcg(hits, count, k),
        f"recall@{k}": metrics.recall(hits, count, k),
        f"hit_rate@{k}": metrics.hit_rate(hits, k),
        f"map@{k}": metrics.average_precision(hits, count, k),
        f"precision@{k}": metrics.precision(hits, k),
    }


def means(values: dict[str, Floats]) -> dict[str, float]:
    """By metric, the mean over the queries."""
    return {name: float(value.mean()) for name, value in values.items()}


def measure_baselines(
    baselines: Sequence[Baseline], train: Log, questions: Mapping[str, Queries], learned_from: str = TRAIN
) -> list[Row]:
    """Fits each baseline and asks it each group of queries."""
    rows = []
    for baseline in baselines:
        began = time.process_time()
        baseline.fit(train)
        spent = time.process_time() - began
        for group, queries in questions.items():
            values = means(judged(answer(baseline, queries, K), queries))
            rows.append(Row(baseline.name, {**values, TRAINING: spent}, group, learned_from=learned_from))
    return rows


def measure_on_both(
    baselines: Sequence[Baseline], train: Log, earlier: Log, questions: Mapping[str, Queries]
) -> list[Row]:
    """All baselines fitted on train, then on train and eval, which is what a refitted model learns from."""
    return [
        *measure_baselines(baselines, train, questions),
        *measure_baselines(baselines, earlier, questions, TRAIN_AND_EVAL),
    ]
