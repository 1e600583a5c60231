"""Repeated rows, vocabularies of other data, and answers that do not belong together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from components.evaluation.answers import Checks, EvaluatedCatalogue, ask_queries
from components.evaluation.integrity import answer_facts, duplicates, vocabulary_shares
from components.evaluation.item_groups import HEAD, NEW, TAIL, popularity_groups
from components.evaluation.query_values import FILE, QueryValues, SliceValues
from modules.errors import InputError
from modules.roles import parse_roles
from tests import gadgets
from tests.gadget_run import GadgetRun
from tests.modules.examples import example

TIMED = parse_roles(
    'feature { name: "u" type: BYTES annotation { tag: "user_id" } }'
    'feature { name: "i" type: BYTES annotation { tag: "item_id" } }'
    'feature { name: "t" type: INT annotation { tag: "time" } }'
)
UNTIMED = parse_roles(
    'feature { name: "u" type: BYTES annotation { tag: "user_id" } }'
    'feature { name: "i" type: BYTES annotation { tag: "item_id" } }'
)


def write(folder: Path, rows: list[dict[str, Any]]) -> str:
    folder.mkdir()
    with tf.io.TFRecordWriter(str(folder / "data.gz"), "GZIP") as writer:
        for row in rows:
            writer.write(example(row))
    return str(folder)


def row(user: str, item: str, time: int) -> dict[str, Any]:
    return {"u": user, "i": item, "t": time}


def test_duplicates(tmp_path: Path) -> None:
    train = write(tmp_path / "train", [row("a", "x", 1), row("a", "y", 2)])
    held_out = write(
        tmp_path / "eval",
        [row("a", "z", 3), row("a", "z", 3), row("a", "z", 4), row("b", "z", 3), row("a", "x", 1)],
    )
    queries = write(tmp_path / "queries", [row("a", "z", 3), row("a", "z", 3), row("b", "z", 3), row("c", "z", 3)])
    # Of five rows three are new: one repeats its neighbour, and one is in train.
    assert duplicates(queries, train, held_out, TIMED) == {"queries": 0.25, "rows": pytest.approx(0.4)}
    assert duplicates(queries, train, held_out, UNTIMED) == {"queries": 0.25}
    empty = write(tmp_path / "empty", [])
    assert duplicates(empty, train, empty, TIMED) == {"queries": 0.0, "rows": 0.0}


def test_a_vocabulary_of_other_data(gadgets_run: GadgetRun, tmp_path: Path) -> None:
    graph = gadgets_run.artifact("Transform", "transform_graph").uri
    known = [{"user_id": user, "item_id": item} for user, item in (("u01", "i01"), ("u02", "i02"))]
    other = [
        {"user_id": "stranger", "item_id": "i01"},
        {"user_id": "u01", "item_id": "x"},
        {"user_id": "u02", "item_id": "y"},
    ]
    assert vocabulary_shares(graph, write(tmp_path / "known", known), gadgets_run.roles) == {"users": 1.0, "items": 1.0}
    found = vocabulary_shares(graph, write(tmp_path / "other", other), gadgets_run.roles)
    assert found == {"users": pytest.approx(2 / 3), "items": pytest.approx(1 / 3)}


def test_titles_that_are_off_by_one(gadgets_run: GadgetRun) -> None:
    ids = [item["item_id"].encode() for item in gadgets.items()]
    titles = [(item["title"] or "").encode() for item in gadgets.items()]
    folder, zeros = gadgets_run.split("queries", "eval"), np.zeros(len(ids), np.int64)
    for wrong, shown in ((0, titles), (None, titles[1:] + titles[:1])):
        catalogue = EvaluatedCatalogue(ids, zeros, shown)
        checks = ask_queries(folder, gadgets_run.servable, catalogue, gadgets_run.roles, [])[1]
        assert checks.items > 100
        assert checks.wrong_titles == (checks.items if wrong is None else wrong)


def test_flat_lists(tmp_path: Path) -> None:
    class Flat:
        """A servable whose lists have 3, 2 and 1 items; the first one's scores are all equal."""

        def __init__(self) -> None:
            self.signatures = {"evaluate": self.answer, "evaluate_retrieval": self.answer}

        def answer(self, examples: Any, k: Any) -> dict[str, tf.Tensor]:
            del examples, k
            ids = tf.constant([["a", "b", "c"], ["a", "b", ""], ["a", "", ""]])
            return {"item_id": ids, "score": tf.constant([[1.0, 1.0, 1.0], [2.0, 1.0, 0.0], [1.0, 0.0, 0.0]])}

    folder = write(tmp_path / "queries", [row(user, "x", 1) | {"relevant_items": "a"} for user in "pqr"])
    catalogue = EvaluatedCatalogue([b"a", b"b", b"c"], np.zeros(3, np.int64))
    checks = ask_queries(folder, Flat(), catalogue, TIMED, [])[1]
    assert (checks.lists, checks.flat) == (2, 1)


def test_answer_facts() -> None:
    checks = Checks(lists=4, flat=1, items=10, wrong_titles=3)
    found = answer_facts(checks, True, [1.0, 3.0], [2.0, 6.0])
    assert found == {"flat_lists": 0.25, "predicted_spread": 1.0, "actual_spread": 2.0, "titles_right": 0.7}
    assert "titles_right" not in answer_facts(checks, False, [1.0], [1.0])
    assert answer_facts(Checks(), True, [], [])["titles_right"] is None  # nothing was recommended: no evidence
    assert answer_facts(checks, False, [], [])["predicted_spread"] is None
    # Where all was taken, a probability that never differs is still no answer.
    assert answer_facts(checks, False, [0.5, 0.5], [True, True])["actual_spread"] == 0.001
    assert answer_facts(checks, False, [3.0, 3.0], [3.0, 3.0])["actual_spread"] == 0.0


def test_popularity_groups() -> None:
    groups = {group.value: group.members.tolist() for group in popularity_groups(np.array([50, 0, 10, 30, 10]))}
    assert groups == {
        NEW: [False, True, False, False, False],
        TAIL: [False, False, True, False, True],  # 10 and 10 of 100
        HEAD: [True, False, False, True, False],
    }


def test_query_values_are_read_back(tmp_path: Path) -> None:
    one = SliceValues("", "", "ndcg@10", np.array([0, 1]), {"recommender": np.array([0.5, 0.25])})
    two = SliceValues("città", "a=b/c", "recall@100", np.array([1]), {"recommender": np.array([1.0])})
    QueryValues(one, [two] * 11).write(tmp_path)
    found = QueryValues.read(tmp_path)
    assert len(found.slices) == 11
    for before, after in ((one, found.overall), (two, found.slices[10])):
        assert (before.column, before.value, before.metric) == (after.column, after.value, after.metric)
        assert before.users.tolist() == after.users.tolist()
        assert {name: array.tolist() for name, array in after.values.items()} == {
            name: array.tolist() for name, array in before.values.items()
        }


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 broken", b"\x80\x04pickle"])
def test_broken_query_values_are_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / FILE).write_bytes(content)
    with pytest.raises(InputError, match=f"{FILE}: expected the values of the eval queries"):
        QueryValues.read(tmp_path)
