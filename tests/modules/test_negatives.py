"""Negatives: the best of retrieval that the user did not take."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import tensorflow as tf

from modules.negatives import mine
from modules.roles import HISTORY, WEIGHT
from modules.training_data import CANDIDATE_ROW, MOMENT
from tests import gadgets
from tests.gadget_run import GadgetRun


def _met(run: GadgetRun, user: int, before: float = math.inf) -> set[int]:
    """The items that a user, by index, had in train before a moment, liked or not."""
    names = [name.decode() for name in run.graph.vocabulary("user_id")]
    rows = [row for row in gadgets.of_split("train") if names[user:][:1] == [row["user_id"]] and row["time"] < before]
    return {int(row["item_id"][1:]) for row in rows}


def _unmet(moment: int) -> set[int]:
    """The items that nobody had in train up to a moment."""
    met = {int(row["item_id"][1:]) for row in gadgets.of_split("train") if row["time"] <= moment}
    return set(range(gadgets.ITEMS)) - met


@pytest.mark.parametrize("protocol", ["per_user", "next_item"])
@pytest.mark.parametrize("split", ["train", "eval"])
@pytest.mark.parametrize("count", [5, 100])
def test_never_what_was_taken(gadgets_run: GadgetRun, split: str, count: int, protocol: str) -> None:
    data = dataclasses.replace(gadgets_run.data, protocol=protocol)
    columns = getattr(data, split)
    rows = data.positives(columns)[::3]
    found = mine(data, columns, rows, gadgets_run.model("Trainer.retrieval"), count)
    assert found.shape == (len(rows), min(count, gadgets.ITEMS)) and found.dtype == np.int32
    histories = data.history_rows(columns, rows)
    for negatives, row, history in zip(found, rows, histories, strict=True):
        until = columns[MOMENT][row] if protocol == "next_item" else math.inf
        met = _met(gadgets_run, columns["user_id"][row], until)
        taken = {columns[CANDIDATE_ROW][row], *history, *met} - {-1}
        left = set(range(gadgets.ITEMS)) - taken - _unmet(columns[MOMENT][row])
        assert set(negatives) <= (left or {-1})
        assert len(set(negatives)) == max(min(count, len(left)), 1)


def test_the_best_come_first(gadgets_run: GadgetRun) -> None:
    data = gadgets_run.data
    row = int(np.argmax(data.train[MOMENT]))  # the last one knows the most items
    towers = tf.saved_model.load(gadgets_run.model("Trainer.retrieval"))
    queries = towers.query.call({name: tf.constant(data.train[name][[row]]) for name in data.query_specs()})
    items = towers.candidate.call({name: tf.constant(values) for name, values in data.catalogue.columns.items()})
    order = np.argsort(-tf.matmul(queries, items, transpose_b=True).numpy()[0], kind="stable").tolist()
    (history,) = data.history_rows(data.train, np.array([row]))
    taken = {
        data.train[CANDIDATE_ROW][row],
        *history,
        *_met(gadgets_run, data.train["user_id"][row], data.train[MOMENT][row]),
    }
    hidden = taken | _unmet(data.train[MOMENT][row])
    expected = [item for item in order if item not in hidden]
    found = mine(data, data.train, np.array([row]), gadgets_run.model("Trainer.retrieval"), 24)[0].tolist()
    assert found == (expected * 24)[:24]  # over again where none is left


def test_nothing_left(gadgets_run: GadgetRun) -> None:
    """Of a user who took the whole catalogue there is none; one who left a single item gets it again and again."""
    data, size = gadgets_run.data, gadgets.ITEMS
    first = {name: np.repeat(values[:1], 2 * size - 1, axis=0) for name, values in data.train.items()}
    first |= {
        "user_id": np.repeat([0, 1], [size, size - 1]),
        CANDIDATE_ROW: np.array([*range(size), *range(size - 1)]),
        WEIGHT: np.ones(2 * size - 1, np.float32),
        HISTORY: np.full((2 * size - 1, 4), -1),
    }
    greedy = dataclasses.replace(data, train=first, protocol="per_user")
    found = mine(greedy, first, np.array([0, size]), gadgets_run.model("Trainer.retrieval"), 6)
    assert found.tolist() == [[-1] * 6, [size - 1] * 6]


def test_no_rows(gadgets_run: GadgetRun) -> None:
    found = mine(gadgets_run.data, gadgets_run.data.eval, np.array([], int), gadgets_run.model("Trainer.retrieval"), 6)
    assert found.shape == (0, 6)
