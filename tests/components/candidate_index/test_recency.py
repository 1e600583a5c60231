"""What the prior is made of and chosen by, against the examples."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from components.candidate_index.recency import read_taken, recency_queries
from modules.catalogue import read_catalogue
from modules.restored_models import RestoredRetrieval
from modules.roles import RELEVANT, SEEN, WEIGHT
from modules.taken import NEVER
from tests.gadget_run import GadgetRun
from tests.modules.examples import values


def test_positives_with_their_moments(gadgets_run: GadgetRun) -> None:
    catalogue = read_catalogue(gadgets_run.split("candidates", "catalogue"), gadgets_run.graph, gadgets_run.roles)
    found = read_taken(gadgets_run.split("interactions", "train"), catalogue, gadgets_run.roles)
    records = [values(record) for record in gadgets_run.records("interactions", "train")]
    positive = [record for record in records if record[WEIGHT][0] > 0]
    assert [catalogue.ids[row] for row in found.rows] == [record["item_id"][0] for record in positive]
    assert found.moments is not None
    assert found.moments.tolist() == [record["time"][0] for record in positive]


def test_queries(gadgets_run: GadgetRun) -> None:
    catalogue = read_catalogue(gadgets_run.split("candidates", "catalogue"), gadgets_run.graph, gadgets_run.roles)
    towers = RestoredRetrieval(gadgets_run.graph, gadgets_run.roles, gadgets_run.model("Trainer.retrieval"))
    batches = list(recency_queries(gadgets_run.split("queries", "eval"), catalogue, towers, "time"))
    records = gadgets_run.records("queries", "eval")
    raw = gadgets_run.graph.parse(tf.constant(records), towers.query_inputs)
    expected = towers.query_vector(towers.query_features(raw))
    np.testing.assert_allclose(np.concatenate([batch.vectors for batch in batches]), expected, rtol=1e-4, atol=1e-5)
    assert all((batch.moments == NEVER).all() for batch in batches)  # all that a user took has no moment
    for column, name in (("seen", SEEN), ("relevant", RELEVANT)):
        found = [sorted(catalogue.ids[rows]) for batch in batches for rows in getattr(batch, column)]
        assert found == [sorted(values(record).get(name, [])) for record in records]
