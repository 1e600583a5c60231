"""The servable's tables, gathered from the examples and the trained models."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd
import tensorflow as tf

from components.candidate_index.files import IndexedCatalogue
from modules.catalogue import Catalogue
from modules.index.plan import IndexPlan
from modules.item_popularity import ItemPopularity
from modules.raw_columns import first_values, raw_types, read_raw_columns
from modules.restored_models import RestoredModels
from modules.roles import HISTORY, HISTORY_TARGET, SEEN, Roles, Table
from modules.serving.ragged_table import RaggedArray
from modules.serving.tables import CatalogueTable, UserTable


def catalogue_table(
    folder: str,
    catalogue: Catalogue,
    indexed: IndexedCatalogue,
    index: IndexPlan,
    popularity: ItemPopularity,
    models: RestoredModels,
    roles: Roles,
    kept: Iterable[str],
) -> CatalogueTable:
    """What the servable knows of every item.

    Args:
        folder: of the candidates' split, for the raw columns.
        catalogue: the same items, transformed.
        indexed: ids and vectors of the index.
        index: how it searches them.
        popularity: how often the items were taken.
        models: the trained models.
        roles: of the columns.
        kept: categorical columns that rules or calibration need.
    """
    encodings = catalogue.encoded(models.candidate_encoding)
    unknown = models.candidate_features(_one_empty_row(models))
    kept = set(kept)
    wanted = kept | ({roles.title} if roles.title else set())
    raw = read_raw_columns(folder, raw_types(roles, sorted(wanted)))
    titles = first_values(raw[roles.title]) if roles.title else [b""] * len(catalogue.ids)
    return CatalogueTable(
        item_ids=indexed.item_ids,
        titles=titles,
        vectors=np.concatenate([indexed.vectors, models.candidate_vector(unknown).numpy()]),
        encodings=np.concatenate([encodings, models.candidate_encoding(unknown).numpy()]),
        categories={name: _as_bytes(raw[name]) for name in sorted(kept)},
        popularity=popularity,
        index=index,
    )


def user_table(folder: str, item_ids: list[bytes], roles: Roles) -> UserTable:
    """The state of every user that the servable starts from.

    Args:
        folder: of the serving split of the queries.
        item_ids: of the catalogue, in order.
        roles: of the columns.
    """
    columns = [column.name for column in roles.features(Table.USER)]
    types = dict.fromkeys((roles.user_id, HISTORY, SEEN), tf.string)
    types |= raw_types(roles, columns)
    types |= {HISTORY_TARGET: tf.float32} if roles.target else {}
    raw = read_raw_columns(folder, types)
    places = pd.Index(np.array(item_ids, object))

    def positions(ids: RaggedArray) -> RaggedArray:
        return RaggedArray(places.get_indexer(pd.Index(ids.values.astype(object))).astype(np.int32), ids.row_splits)

    return UserTable(
        user_ids=first_values(raw[roles.user_id]),
        columns={name: raw[name] for name in columns},
        history=positions(raw[HISTORY]),
        history_target=raw.get(HISTORY_TARGET),
        seen=positions(raw[SEEN]),
    )


def _one_empty_row(models: RestoredModels) -> dict[str, tf.SparseTensor]:
    """Raw columns of an item of which nothing is known."""
    return {
        name: tf.SparseTensor(np.empty((0, 2), np.int64), tf.constant([], kind), [1, 1])
        for name, kind in models.item_inputs.items()
    }


def _as_bytes(column: RaggedArray) -> RaggedArray:
    """A column of categories as text, whatever its type."""
    if column.values.dtype == object:
        return column
    values: npt.NDArray[np.object_] = np.array([str(value).encode() for value in column.values], object)
    return RaggedArray(values, column.row_splits)
