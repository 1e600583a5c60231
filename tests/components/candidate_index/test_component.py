"""The index over the gadgets."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from components.candidate_index.component import query_vectors
from components.candidate_index.files import IndexedCatalogue
from modules.errors import InputError
from modules.restored_models import RestoredRetrieval
from tests import gadgets
from tests.gadget_run import RETRIEVAL, GadgetRun


def test_every_item_with_the_vector_of_its_tower(gadgets_run: GadgetRun) -> None:
    artifact = gadgets_run.artifact("CandidateIndexer", "index")
    found = IndexedCatalogue.read(artifact.uri)
    assert [item.decode() for item in found.item_ids] == [row["item_id"] for row in gadgets.items()]
    signature = tf.saved_model.load(gadgets_run.model("Trainer.retrieval")).signatures["candidates"]
    vectors = signature(examples=tf.constant(gadgets_run.records("candidates", "catalogue")))["vector"]
    np.testing.assert_allclose(found.vectors, vectors, rtol=1e-4, atol=1e-5)


def test_what_was_measured(gadgets_run: GadgetRun) -> None:
    index = gadgets_run.artifact("CandidateIndexer", "index")
    assert (index.kind, index.num_items, index.dimension) == ("exact", gadgets.ITEMS, RETRIEVAL.dimension + 1)
    assert index.recall_at_100 == 1.0
    assert 0 < index.latency_ms <= index.get_float_custom_property("latency_p99_ms")


def test_no_query_to_measure_with(gadgets_run: GadgetRun, tmp_path: object) -> None:
    towers = RestoredRetrieval(gadgets_run.graph, gadgets_run.roles, gadgets_run.model("Trainer.retrieval"))
    with pytest.raises(InputError, match="eval split.*positive interactions.*none"):
        query_vectors(str(tmp_path), gadgets_run.graph, gadgets_run.roles, towers)
