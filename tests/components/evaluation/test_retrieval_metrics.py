"""The retrieval metric inside TFX's Evaluator, against values by hand."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import pytest
import tensorflow as tf

from components.evaluation.eval_config import retrieval_eval_config
from components.evaluation.results import read_evaluation
from components.gate.config import GateConfig

Evaluate = Callable[..., Any]


class NextItems(tf.Module):
    """Recommends to user "u<n>" the `k` items from "i<n + offset>" on, of a catalogue of `size`."""

    def __init__(self, offset: int = 0, k: int = 4, size: int = 10, with_scores: bool = True, pads: int = 0) -> None:
        super().__init__()
        self.offset, self.k, self.size, self.with_scores, self.pads = offset, k, size, with_scores, pads

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serve(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        users = tf.io.parse_example(examples, {"user_id": tf.io.FixedLenFeature([], tf.string)})["user_id"]
        first = tf.strings.to_number(tf.strings.substr(users, 1, 9), tf.int64) + self.offset
        places = (first[:, None] + tf.range(self.k, dtype=tf.int64)) % self.size
        ids = tf.pad(tf.strings.join(["i", tf.strings.as_string(places)]), [[0, 0], [0, self.pads]])
        scores = {"score": tf.cast(-places, tf.float32)} if self.with_scores else {}
        return {"item_id": ids, **scores}


def query(user: str, relevant: list[str], age: str) -> tf.train.Example:
    columns = {"user_id": [user], "relevant_items": relevant, "age": [age]}
    features = {
        name: tf.train.Feature(bytes_list=tf.train.BytesList(value=[value.encode() for value in values]))
        for name, values in columns.items()
    }
    return tf.train.Example(features=tf.train.Features(feature=features))


QUERIES = [
    query("u0", ["i0", "i3"], "old"),  # list i0 i1 i2 i3: places 1 and 4
    query("u1", ["i2"], "young"),  # list i1 i2 i3 i4: place 2
    query("u2", ["i99"], "young"),  # list i2 i3 i4 i5: none
    query("u3", [], "old"),  # left out
]
SECOND, FOURTH = 1 / math.log2(3), 1 / math.log2(5)  # what a hit is worth at places 2 and 4
NDCG_10 = ((1 + FOURTH) / (1 + SECOND) + SECOND) / 3
EXPECTED = {
    "recall_at_2": (1 / 2 + 1 + 0) / 3,
    "recall_at_10": (1 + 1 + 0) / 3,
    "recall_at_100": (1 + 1 + 0) / 3,
    "hit_rate_at_2": 2 / 3,
    "ndcg_at_2": (1 / (1 + SECOND) + SECOND) / 3,
    "ndcg_at_10": NDCG_10,
    "mrr": (1 + 1 / 2 + 0) / 3,
    "distinct_items_at_2": 4,  # i0 to i3
    "coverage_at_2": 0.4,
    "coverage_at_100": 0.6,
    "queries": 3,
}


@pytest.mark.parametrize(
    "model",
    [NextItems(), NextItems(with_scores=False, pads=3)],
    ids=["ids and scores", "ids alone, padded"],
)
def test_values_and_slices_without_a_baseline(evaluate: Evaluate, model: NextItems) -> None:
    config = retrieval_eval_config(GateConfig(), (2,), catalogue_size=10, slice_columns=["age"])
    found = evaluate(config, QUERIES, model)
    assert {name: found.metrics[""][name] for name in EXPECTED} == pytest.approx(EXPECTED)
    assert set(found.metrics) == {"", "age=old", "age=young"}
    old, young = found.metrics["age=old"], found.metrics["age=young"]
    assert (old["queries"], old["recall_at_2"], old["mrr"]) == (1, 0.5, 1)
    assert (young["queries"], young["recall_at_2"], young["mrr"]) == (2, 0.5, 0.25)
    assert found.blessed
    assert not found.failed


def test_an_absolute_bound_refuses(evaluate: Evaluate) -> None:
    limits = GateConfig(retrieval_ndcg_at_10_min=NDCG_10 - 0.01, retrieval_recall_at_100_min=0.7)
    found = evaluate(retrieval_eval_config(limits), QUERIES, NextItems())
    assert not found.blessed
    assert found.failed == {"recall_at_100"}
    assert "coverage_at_10" not in found.metrics[""]  # the size of the catalogue was not given
    assert found.metrics[""]["distinct_items_at_10"] == 6


def test_a_drop_against_the_baseline_refuses(evaluate: Evaluate) -> None:
    # The candidate's lists begin one later: u0 has i3 at place 3 (recall 1/2), u1 has i2 at place 1.
    later, ndcg = NextItems(offset=1), ((1 / 2) / (1 + SECOND) + 1) / 3
    strict = retrieval_eval_config(GateConfig(retrieval_drop_max=0.1), slice_columns=["age"])
    refused = evaluate(strict, QUERIES, later, NextItems())
    assert refused.metrics[""]["ndcg_at_10"] == pytest.approx(ndcg)
    assert refused.metrics[""]["ndcg_at_10_diff"] == pytest.approx(ndcg - NDCG_10)
    assert refused.metrics["age=young"]["recall_at_100"] == 0.5
    assert refused.failed == {"recall_at_100_change", "ndcg_at_10_change"}  # down by 25 % and by 13.4 %
    assert not refused.blessed
    assert_read_back(refused.folder, ndcg)
    lenient = retrieval_eval_config(GateConfig(retrieval_drop_max=0.2))
    assert evaluate(lenient, QUERIES, later, NextItems()).failed == {"recall_at_100_change"}
    assert evaluate(strict, QUERIES, NextItems(), later).blessed  # the other way round it is a rise


def assert_read_back(folder: str, ndcg: float) -> None:
    result = read_evaluation(folder, "retrieval")
    assert result.overall["ndcg@10"] == pytest.approx(ndcg)
    assert not any(name.endswith("_diff") for name in result.overall)
    assert [(part.column, part.value, part.queries) for part in result.slices] == [
        ("age", "old", 1),
        ("age", "young", 2),
    ]
    assert result.slices[1].metrics["recall@100"] == 0.5
    expected: dict[str, Any] = {
        "retrieval ndcg@10": (True, pytest.approx(ndcg), 0.0),
        "change of retrieval ndcg@10": (False, pytest.approx(ndcg / NDCG_10 - 1), -0.1),
        "retrieval recall@100": (True, pytest.approx(0.5), 0.0),
        "change of retrieval recall@100": (False, pytest.approx(-0.25), -0.1),
    }
    assert {gate.name: (gate.passed, gate.value, gate.limit) for gate in result.gates} == expected
    assert not result.passed


def test_a_baseline_without_any_hit_can_be_succeeded(evaluate: Evaluate) -> None:
    blind = NextItems(offset=4)  # u0 gets i4 to i7, u1 i5 to i8
    config = retrieval_eval_config(GateConfig())
    assert evaluate(config, QUERIES, NextItems(), blind).blessed
    assert evaluate(config, QUERIES, blind, blind).blessed


def test_no_query_at_all_is_not_blessed(evaluate: Evaluate) -> None:
    found = evaluate(retrieval_eval_config(GateConfig()), [QUERIES[3]], NextItems())
    assert found.metrics[""]["queries"] == 0
    assert math.isnan(found.metrics[""]["ndcg_at_10"])
    assert not found.blessed
    assert not evaluate(retrieval_eval_config(GateConfig()), [], NextItems()).blessed


def test_five_thousand_queries_with_slices_in_time(evaluate: Evaluate) -> None:
    queries = [query(f"u{n}", [f"i{n + 1}", f"i{n + 500}"], f"{n % 5}") for n in range(5000)]
    config = retrieval_eval_config(GateConfig(), catalogue_size=1000, slice_columns=["age"])
    start = time.process_time()
    found = evaluate(config, queries, NextItems(k=100, size=10**6), NextItems(k=100, offset=1, size=10**6))
    assert time.process_time() - start < 15
    assert found.metrics[""]["recall_at_100"] == pytest.approx(0.5)  # one of two, at place 2
    assert found.metrics[""]["mrr"] == pytest.approx(0.5)
    assert found.metrics["age=3"]["queries"] == 1000
