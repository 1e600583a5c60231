"""Warm start: MovieLens grown from its first half, trained on from what was published then, or from nothing."""

from __future__ import annotations

import functools

import numpy as np

from benchmarks.quality.bench import Bench, Protocol
from benchmarks.quality.config_changes import Config
from benchmarks.quality.pipeline_run import Trained
from benchmarks.quality.protocols.time_split import BOUNDARY, NEXT, load, our_rows
from benchmarks.quality.results import OURS, Bar, Row
from benchmarks.quality.schemas import published

WARM = f"{OURS}, warm start"
TIME_SHARE, SAME = "share of the training time", "share of the nDCG@10"


def ours(bench: Bench, seed: int, name: str, source: str, schema_name: str) -> list[Row]:
    """All rows from nothing; then the older half, and all rows again from what that published."""
    folder, schema, split = bench.folder(name), published(schema_name), load(bench, source)
    moments = split.tables.column("timestamp")
    split.tables.write(folder / "data")
    split.tables.rows(moments < np.median(moments)).write(folder / "data-first-half")
    config: Config = {"seed": seed, "serving": {"history_until": "eval"}}
    cold = bench.trained("whole", folder / "data", schema, config, folder / f"seed-{seed}-from-nothing")
    root = folder / f"seed-{seed}"
    bench.trained("half", folder / "data-first-half", schema, config, root)
    grown: Config = {**config, "warm_start": {"enabled": True}}
    warm = bench.trained("grown", folder / "data", schema, grown, root, shared=True, keep_published=True)
    rows = []
    for group in (BOUNDARY, NEXT):
        (before, _), (after, _) = (our_rows(trained, split, seed, (group,)) for trained in (cold, warm))
        shares = {
            SAME: after.metrics["ndcg@10"] / before.metrics["ndcg@10"],
            TIME_SHARE: _seconds(warm) / _seconds(cold),
        }
        rows += [before, warm.row(WARM, {**after.metrics, **shares}, seed, group)]
    return rows


def _seconds(trained: Trained) -> float:
    return trained.training_seconds + trained.ranking_seconds


def _protocol(name: str, title: str, source: str, schema: str) -> Protocol:
    return Protocol(
        name=name,
        title=title,
        about=(
            "The pipeline runs on the older half of the ratings and publishes. Then it runs on all of them, split by "
            "time, with `[warm_start]` on; and, in another folder, from nothing. Both are asked the questions of the "
            "protocol that splits by time. Training time is that of both Trainers, reading the examples included."
        ),
        metrics=("ndcg@10", "recall@10", "hit_rate@10", SAME, TIME_SHARE),
        bars=(
            *(Bar(SAME, least=0.99, system=WARM, group=group) for group in (BOUNDARY, NEXT)),
            Bar(TIME_SHARE, most=0.25, system=WARM, group=NEXT),
        ),
        baselines=lambda bench: [],
        ours=functools.partial(ours, name=name, source=source, schema_name=schema),
    )


ML100K = _protocol(
    "ml100k-warm-start", "Warm start, MovieLens 100K grown from its first half", "ml-100k", "movielens_100k"
)
ML1M = _protocol("ml1m-warm-start", "Warm start, MovieLens 1M grown from its first half", "ml-1m", "movielens_1m")
