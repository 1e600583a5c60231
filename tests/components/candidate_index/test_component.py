"""The index over the gadgets."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from components.candidate_index.component import beside_recency, query_vectors
from components.candidate_index.files import IndexedCatalogue
from modules.errors import InputError
from modules.index.plan import IndexPlan
from modules.item_popularity import ItemPopularity
from modules.restored_models import RestoredRetrieval
from modules.roles import WEIGHT
from modules.taken import NEVER
from tests import gadgets
from tests.gadget_run import RETRIEVAL, GadgetRun
from tests.modules.examples import values


def test_every_item_with_the_vector_of_its_tower(gadgets_run: GadgetRun) -> None:
    artifact = gadgets_run.artifact("CandidateIndexer", "index")
    found = IndexedCatalogue.read(artifact.uri)
    assert [item.decode() for item in found.item_ids] == [row["item_id"] for row in gadgets.items()]
    signature = tf.saved_model.load(gadgets_run.model("Trainer.retrieval")).signatures["candidates"]
    vectors = signature(examples=tf.constant(gadgets_run.records("candidates", "catalogue")))["vector"]
    np.testing.assert_allclose(found.vectors, vectors, rtol=1e-4, atol=1e-5)


def test_what_was_measured(gadgets_run: GadgetRun) -> None:
    index = gadgets_run.artifact("CandidateIndexer", "index")
    assert (index.kind, index.num_items, index.dimension) == ("exact", gadgets.ITEMS, (RETRIEVAL.dimension or 0) + 1)
    assert index.recall_at_100 == 1.0
    assert IndexPlan.read(index.uri) == IndexPlan()  # so few items are all scored
    popularity = ItemPopularity.read(index.uri)
    # Columns for 512 items: the vectors, those of the prior, whether they count, and their norms.
    rows = 512 * (index.dimension + popularity.coordinates + 2)
    assert index.get_float_custom_property("bytes_per_item") == pytest.approx(4 * rows / gadgets.ITEMS)
    for name, value in popularity.weights().items():
        assert index.get_float_custom_property(name) == pytest.approx(value)
    assert popularity.unmet is not None and popularity.unmet.sum() == 2  # of two gadgets train holds nothing
    assert 0 < index.latency_ms <= index.get_float_custom_property("latency_p99_ms")


def test_popularity_of_every_item(gadgets_run: GadgetRun) -> None:
    """As counted from the rows: positives up to the end of each split. These do not follow each other in time."""
    found = ItemPopularity.read(gadgets_run.artifact("CandidateIndexer", "index").uri)
    rows = {row["item_id"]: place for place, row in enumerate(gadgets.items())}
    counts = np.zeros((gadgets.ITEMS, 3))
    for column, split in enumerate(("train", "eval", "test")):
        records = [values(record) for record in gadgets_run.records("interactions", split)]
        for record in records:
            counts[rows[record["item_id"][0].decode()], column:] += record[WEIGHT][0] > 0
    np.testing.assert_array_equal(found.counts, counts)
    assert found.begins.tolist() == [NEVER] * 3 and (found.window, found.weight) == (0, 0)


def test_no_query_to_measure_with(gadgets_run: GadgetRun, tmp_path: object) -> None:
    towers = RestoredRetrieval(gadgets_run.graph, gadgets_run.roles, gadgets_run.model("Trainer.retrieval"))
    with pytest.raises(InputError, match="eval split.*positive interactions.*none"):
        query_vectors(str(tmp_path), gadgets_run.graph, gadgets_run.roles, towers)


def test_queries_are_searched_with_what_each_snapshot_says() -> None:
    nothing = ItemPopularity.unknown(2)
    queries = np.ones((4, 2), np.float32)
    weighted = dataclasses.replace(nothing, window=0.5, weight=3.0)
    assert beside_recency(queries, nothing).tolist() == queries.tolist()
    beside = beside_recency(queries, weighted)[:, 2:]
    assert beside.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]]
