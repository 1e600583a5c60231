"""The servable's tables against the rows of the shop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from components.candidate_index.files import IndexedCatalogue
from components.recommender.tables import catalogue_table, user_table
from modules.catalogue import read_catalogue
from modules.index.plan import IndexPlan
from modules.item_popularity import ItemPopularity
from modules.restored_models import RestoredModels
from modules.serving.ragged_table import RaggedArray
from modules.serving.tables import CatalogueTable
from tests import gadgets
from tests.gadget_run import HISTORY_LENGTH, GadgetRun


def _rows(column: RaggedArray) -> list[list[Any]]:
    return [part.tolist() for part in np.split(column.values, column.row_splits[1:-1])]


@pytest.fixture(scope="module")
def models(gadgets_run: GadgetRun) -> RestoredModels:
    """The trained models."""
    folders = gadgets_run.model("Trainer.retrieval"), gadgets_run.model("Trainer.ranking")
    return RestoredModels(gadgets_run.graph, gadgets_run.roles, *folders)


@pytest.fixture(scope="module")
def table(gadgets_run: GadgetRun, models: RestoredModels) -> CatalogueTable:
    """Of the gadgets, with their genres and shelves."""
    folder, roles = gadgets_run.split("candidates", "catalogue"), gadgets_run.roles
    catalogue = read_catalogue(folder, gadgets_run.graph, roles)
    indexed = IndexedCatalogue.read(gadgets_run.artifact("CandidateIndexer", "index").uri)
    nothing = ItemPopularity.unknown(len(indexed.item_ids))
    return catalogue_table(folder, catalogue, indexed, IndexPlan(), nothing, models, roles, ["genres", "shelf"])


def test_items(table: CatalogueTable) -> None:
    rows = gadgets.items()
    assert [item.decode() for item in table.item_ids] == [row["item_id"] for row in rows]
    assert [title.decode() for title in table.titles] == [row["title"] or "" for row in rows]
    assert _rows(table.categories["genres"]) == [[genre.encode() for genre in row["genres"]] for row in rows]
    shelves = [[] if row["shelf"] is None else [str(row["shelf"]).encode()] for row in rows]
    assert _rows(table.categories["shelf"]) == shelves


def test_encodings_and_the_unknown_item(table: CatalogueTable, models: RestoredModels, gadgets_run: GadgetRun) -> None:
    records = tf.constant([*gadgets_run.records("candidates", "catalogue"), b""])
    features = models.candidate_features(gadgets_run.graph.parse(records, models.item_inputs))
    np.testing.assert_allclose(table.encodings, models.candidate_encoding(features), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(table.vectors, models.candidate_vector(features), rtol=1e-4, atol=1e-5)


def test_users(gadgets_run: GadgetRun) -> None:
    ids = [row["item_id"].encode() for row in gadgets.items()]
    table = user_table(gadgets_run.split("queries", "serving"), ids, gadgets_run.roles)
    assert [user.decode() for user in table.user_ids] == [f"u{n:02}" for n in range(gadgets.USERS)]
    known = [*gadgets.users(), {"age": None, "city": None}]
    assert _rows(table.columns["age"]) == [[] if row["age"] is None else [row["age"]] for row in known]
    by_time = sorted(gadgets.interactions(), key=lambda row: row["time"])
    taken = [[row for row in by_time if row["user_id"] == f"u{n:02}"] for n in range(gadgets.USERS)]
    newest = [rows[-HISTORY_LENGTH:] for rows in taken]
    assert table.history_target is not None
    assert _rows(table.history) == [[int(row["item_id"][1:]) for row in rows] for rows in newest]
    assert _rows(table.history_target) == [[row["stars"] for row in rows] for rows in newest]
    assert [sorted(row) for row in _rows(table.seen)] == [
        sorted({int(row["item_id"][1:]) for row in rows}) for rows in taken
    ]
