"""The exact and the partitioned index against TensorFlow Recommenders' BruteForce."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_recommenders as tfrs

from benchmarks.speed.demo_run import demo_run
from benchmarks.speed.figures import Bench, Figure, Subject
from benchmarks.speed.interleaved import median_ms, ratio, seconds_of
from benchmarks.speed.vectors import DIMENSION, Floats, of_towers, structured
from modules.index.index import Index, build_index
from modules.index.partition import make_partition
from modules.index.plan import PARTITIONED, IndexPlan

K, TARGET, SIZES, BATCHES = 100, 0.95, (100_000, 1_000_000), (1, 32)
_ROUNDS = {1: 40, 32: 15}


def measure_exact(bench: Bench) -> list[Figure]:
    """At both sizes and batches."""
    del bench
    figures = []
    for items in SIZES:
        vectors, queries = structured(items)
        seconds = {b: _seconds(vectors, queries, b, {"exact": build_index(IndexPlan(), vectors)}) for b in BATCHES}
        figures += [_figure("exact", items, batch, seconds[batch], {1: 0.75, 32: 0.45}[batch]) for batch in BATCHES]
    return figures


def measure_partitioned(bench: Bench) -> list[Figure]:
    """A million items, on both kinds of vectors."""
    figures = []
    for name, (vectors, queries) in (
        ("structured", structured(SIZES[-1])),
        ("of towers", of_towers(demo_run(bench), SIZES[-1])),
    ):
        known, held_out = np.array_split(queries, 2)
        began = time.perf_counter()
        partition = make_partition(vectors, known, 1)
        building = time.perf_counter() - began
        probes = _probes(partition.lists, partition.centroids, vectors, known)
        index = build_index(IndexPlan(PARTITIONED, partition, probes), vectors)
        recall = _recall(index, vectors, held_out)
        about = f"{len(partition.centroids):,} lists, {probes} searched"
        figures.append(Figure(f"{name}: recall@{K}, queries held out", recall, "", least=TARGET, beside=about))
        for batch in BATCHES:
            seconds = _seconds(vectors, held_out, batch, {name: index})
            figures.append(_figure(name, SIZES[-1], batch, seconds, {1: 0.17, 32: 0.22}[batch]))
        figures.append(Figure(f"{name}: building the lists", building, "s", most=180))
        figures.append(Figure(f"{name}: memory", index.bytes_per_item, "bytes/item", most=350))
    return figures


def _seconds(vectors: Floats, queries: Floats, batch: int, indexes: dict[str, Index]) -> dict[str, list[float]]:
    """Of searches for 100 items, by turns with BruteForce's."""
    brute = tfrs.layers.factorized_top_k.BruteForce(k=K)
    brute.index(tf.constant(vectors))
    rng = np.random.default_rng(batch)

    def asked(search: Callable[[tf.Tensor], Any]) -> Callable[[], object]:
        traced = tf.function(search, input_signature=[tf.TensorSpec([None, DIMENSION])], autograph=False)
        return lambda: traced(tf.constant(queries[rng.integers(0, len(queries), batch)]))[0].numpy()

    things = {"BruteForce": asked(lambda asked_for: brute(asked_for))}
    things |= {name: asked(lambda q, index=index: index.search(q, k=K)) for name, index in indexes.items()}  # type: ignore[misc]
    return seconds_of(things, _ROUNDS[batch], warm_up=3)


def _figure(name: str, items: int, batch: int, seconds: dict[str, list[float]], most: float) -> Figure:
    beside = f"{median_ms(seconds[name]):.2f} ms against {median_ms(seconds['BruteForce']):.2f} ms"
    return Figure(f"{name}: {items:,} items, B = {batch}", ratio(seconds, name, "BruteForce"), most=most, beside=beside)


def _probes(lists: np.ndarray[Any, Any], centroids: Floats, vectors: Floats, queries: Floats) -> int:
    """How many lists hold the target's share of the best, and one in a hundred more to be sure."""
    order = np.argsort(-(queries @ centroids.T), axis=1)
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(order.shape[1])[None], axis=1)
    needed = np.take_along_axis(ranks, lists[_best(vectors, queries)].astype(np.int64), axis=1) + 1
    return int(np.quantile(needed, TARGET + 0.01, method="inverted_cdf"))


def _best(vectors: Floats, queries: Floats) -> np.ndarray[Any, Any]:
    return np.stack([np.argpartition(-(vectors @ query), K)[:K] for query in queries])


def _recall(index: Index, vectors: Floats, queries: Floats) -> float:
    search = tf.function(lambda asked: index.search(asked, k=K)[1], autograph=False)
    found = np.concatenate([search(tf.constant(part)).numpy() for part in np.array_split(queries, 10)])
    return float(np.mean([np.isin(a, b).mean() for a, b in zip(found, _best(vectors, queries), strict=True)]))


EXACT = Subject(
    "exact-index",
    "Exact index",
    "Search for 100 of 64-wide vectors, against TensorFlow Recommenders' `BruteForce`; both exact.",
    measure_exact,
)
PARTITIONED_INDEX = Subject(
    "partitioned-index",
    "Partitioned index",
    "The same with k-means lists, as many searched as 250 queries need for a recall of "
    f"{TARGET + 0.01:g}; recall is that of 250 others. *Structured*: items in 20,000 kinds of 1,000 topics. *Of "
    "towers*: queries of the demo shop's trained query tower, and its item vectors spun out to a million.",
    measure_partitioned,
)
