"""Retrieval alone as a model of evaluation queries."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import tensorflow as tf

from components.candidate_index.files import IndexedCatalogue
from modules.index.plan import IndexPlan
from modules.item_age import ItemAge
from modules.item_popularity import ItemPopularity
from modules.restored_models import RestoredRetrieval
from modules.retriever import Retriever
from modules.roles import SEEN
from tests import gadgets
from tests.gadget_run import GadgetRun
from tests.modules.examples import example, joined, values


def test_ages_of_the_very_moment(gadgets_run: GadgetRun, tmp_path: Path) -> None:
    """Released one an hour, and boosted while they are new: each query finds what it could have had."""
    catalogue = IndexedCatalogue.read(gadgets_run.artifact("CandidateIndexer", "index").uri)
    towers = RestoredRetrieval(gadgets_run.graph, gadgets_run.roles, gadgets_run.model("Trainer.retrieval"))
    asked = gadgets_run.records("queries", "eval")
    moments = np.random.default_rng(3).integers(10**9, 10**9 + 86400, len(asked))
    records = [joined(one, example({"time": int(moment)})) for one, moment in zip(asked, moments, strict=True)]
    since = np.linspace(moments.min() - 1, moments.max(), gadgets.ITEMS).astype(np.int64)
    age = ItemAge(np.repeat(since[:, None], 3, axis=1), np.array([7200]), np.array([1, 0], np.float32), 5.0)
    popularity = dataclasses.replace(ItemPopularity.unknown(gadgets.ITEMS), age=age)
    built = Retriever(towers, catalogue.item_ids, catalogue.vectors, popularity, IndexPlan(), tmp_path / "a", "time")
    built.save(str(tmp_path / "saved"))
    answer = tf.saved_model.load(str(tmp_path / "saved")).signatures["serving_default"](examples=tf.constant(records))
    raw = gadgets_run.graph.parse(tf.constant(records), towers.query_inputs)
    scores = towers.query_vector(towers.query_features(raw)).numpy() @ catalogue.vectors.T
    scores += 5.0 * (moments[:, None] - since <= 7200)
    for row, record in enumerate(records):
        seen = values(record).get(SEEN, [])
        order = [place for place in np.argsort(-scores[row], kind="stable") if since[place] <= moments[row]]
        expected = [catalogue.item_ids[place] for place in order if catalogue.item_ids[place] not in seen]
        assert [item for item in answer["item_id"].numpy()[row] if item] == expected


def test_the_best_items_that_were_not_seen(gadgets_run: GadgetRun) -> None:
    folder = gadgets_run.model("CandidateIndexer", "retriever")
    records = gadgets_run.records("queries", "eval")
    answer = tf.saved_model.load(folder).signatures["serving_default"](examples=tf.constant(records))
    catalogue = IndexedCatalogue.read(gadgets_run.artifact("CandidateIndexer", "index").uri)
    towers = RestoredRetrieval(gadgets_run.graph, gadgets_run.roles, gadgets_run.model("Trainer.retrieval"))
    raw = gadgets_run.graph.parse(tf.constant(records), towers.query_inputs)
    popularity = ItemPopularity.read(gadgets_run.artifact("CandidateIndexer", "index").uri)
    prior = popularity.beside(np.zeros((gadgets.ITEMS, 0), np.float32))[:, :1].sum(axis=1)  # all that eval may know
    scores = prior + towers.query_vector(towers.query_features(raw)).numpy() @ catalogue.vectors.T
    for record, row, ids, found in zip(
        records, scores, answer["item_id"].numpy(), answer["score"].numpy(), strict=True
    ):
        seen = values(record).get(SEEN, [])
        order = [place for place in np.argsort(-row, kind="stable") if catalogue.item_ids[place] not in seen]
        left = gadgets.ITEMS - len(set(seen))
        assert [item for item in ids if item] == [catalogue.item_ids[place] for place in order] and len(order) == left
        np.testing.assert_allclose(found[:left], row[order], rtol=1e-4, atol=1e-5)
        assert not found[left:].any()
