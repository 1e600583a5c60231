"""`recommend` of the whole servable, and the search inside it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from benchmarks.speed.demo_run import demo_run
from benchmarks.speed.figures import Bench, Figure, Subject
from benchmarks.speed.interleaved import median_ms, ratio, seconds_of
from benchmarks.speed.large_servable import HISTORY, ITEMS, large_servable

_REQUESTS, _K = 200, 10


def measure(bench: Bench) -> list[Figure]:
    """Through TensorFlow's Session loader, which TensorFlow Serving is built on."""
    folder, index = large_servable(demo_run(bench), bench.folder("large_servable"))
    depth = tf.constant(200)
    search = tf.function(lambda vector: index.search(vector, k=depth), autograph=False)
    rng = np.random.default_rng(3)
    # Not entered as a context, which would end eager execution.
    with contextlib.closing(tf.compat.v1.Session(graph=tf.Graph())) as session:
        model = tf.compat.v1.saved_model.load(session, ["serve"], folder)

        def ask(signature: str) -> Callable[[], object]:
            inputs, outputs = model.signature_def[signature].inputs, model.signature_def[signature].outputs

            def once() -> object:
                history = [f"item-{number}" for number in rng.integers(0, ITEMS, HISTORY)]
                request = {"user_id": ["somebody"], "history": [history], "exclude": [[""]], "k": np.int32(_K)}
                fed = {inputs[name].name: value for name, value in request.items()}
                return session.run({name: output.name for name, output in outputs.items()}, fed)

            return once

        width = int(index.vectors(tf.constant([0])).shape[1])
        things = {
            "recommend": ask("recommend"),
            "retrieval": ask("retrieval"),
            "search": lambda: search(tf.constant(rng.normal(size=(1, width)).astype(np.float32)))[0].numpy(),
        }
        seconds = seconds_of(things, _REQUESTS, warm_up=10)
    p99 = float(np.percentile(seconds["recommend"], 99) * 1000)
    beside = f"the search alone {median_ms(seconds['search']):.2f} ms"
    return [
        Figure("recommend, p50", median_ms(seconds["recommend"]), "ms", most=8),
        Figure("recommend, p99", p99, "ms", most=20),
        Figure("recommend over its search", ratio(seconds, "recommend", "search"), most=3, beside=beside),
        Figure("retrieval alone, p50", median_ms(seconds["retrieval"]), "ms"),
    ]


SERVABLE = Subject(
    "servable",
    "Servable",
    f"`recommend` with B = 1, k = {_K}, a history of {HISTORY} and {ITEMS:,} items; {_REQUESTS} requests, one after "
    "the other. Towers and ranker are those of a run on the demo shop, the catalogue is spun out of its own. The "
    "search is the exact index's, for 200 candidates.",
    measure,
)
