"""Retrieval alone as a model of evaluation queries."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from components.candidate_index.files import IndexedCatalogue
from modules.item_popularity import ItemPopularity
from modules.restored_models import RestoredRetrieval
from modules.roles import SEEN
from tests import gadgets
from tests.gadget_run import GadgetRun
from tests.modules.examples import values


def test_the_best_items_that_were_not_seen(gadgets_run: GadgetRun) -> None:
    folder = gadgets_run.model("CandidateIndexer", "retriever")
    records = gadgets_run.records("queries", "eval")
    answer = tf.saved_model.load(folder).signatures["serving_default"](examples=tf.constant(records))
    catalogue = IndexedCatalogue.read(gadgets_run.artifact("CandidateIndexer", "index").uri)
    towers = RestoredRetrieval(gadgets_run.graph, gadgets_run.roles, gadgets_run.model("Trainer.retrieval"))
    raw = gadgets_run.graph.parse(tf.constant(records), towers.query_inputs)
    popularity = ItemPopularity.read(gadgets_run.artifact("CandidateIndexer", "index").uri)
    prior = popularity.weight * popularity.recent[:, 0]  # all that queries of eval may know
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
