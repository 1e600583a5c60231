"""Every item that can be recommended, with its transformed columns."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
import tensorflow as tf

from modules.column_store import Columns
from modules.errors import InputError
from modules.ragged import Ints
from modules.roles import Roles, Table
from modules.transform_graph import PADS, TransformGraph, read_columns

_ITEMS_AT_ONCE = 4096


def item_inputs(roles: Roles) -> list[str]:
    """Raw columns that a candidate is made of."""
    return [roles.item_id, *(column.name for column in roles.features(Table.ITEM))]


@dataclasses.dataclass(frozen=True)
class Catalogue:
    """Every item, in the order of the candidates' files.

    Attributes:
        ids: [num_items] bytes.
        columns: transformed item columns, a row an item.
    """

    ids: npt.NDArray[np.object_]
    columns: Columns

    def rows_of(self, ids: npt.NDArray[np.object_]) -> Ints:
        """[n] row of each id; -1 where the catalogue lacks it."""
        return np.asarray(pd.Index(self.ids).get_indexer(pd.Index(ids)), np.int64)

    def encoded(self, encode: Callable[[dict[str, tf.Tensor]], tf.Tensor]) -> npt.NDArray[np.float32]:
        """[num_items, width] float32: every item through `encode`, thousands at a time.

        Args:
            encode: transformed item columns [n, …] → [n, width] float32.
        """
        starts = range(0, len(self.ids), _ITEMS_AT_ONCE)
        batches = ({name: tf.constant(v[i : i + _ITEMS_AT_ONCE]) for name, v in self.columns.items()} for i in starts)
        return np.concatenate([encode(batch).numpy() for batch in batches])

    def specs(self) -> dict[str, tf.TensorSpec]:
        """Signature of a batch of transformed item columns."""
        return specs_of(self.columns)


def specs_of(columns: Columns) -> dict[str, tf.TensorSpec]:
    """Signatures [batch, …] of columns."""
    return {
        name: tf.TensorSpec(
            [None, None] if name in PADS else [None, *values.shape[1:]], tf.as_dtype(values.dtype), name=name
        )
        for name, values in columns.items()
    }


def read_catalogue(folder: str, graph: TransformGraph, roles: Roles) -> Catalogue:
    """Reads and transforms the candidates.

    Args:
        folder: of the catalogue split of the candidates.
        graph: the Transform graph.
        roles: of the columns.

    Raises:
        InputError: there is no item.
    """
    columns = read_columns(folder, graph, item_inputs(roles), raw_ids=[roles.item_id])
    if not columns:
        raise InputError("candidates", "at least one item", "an empty catalogue")
    ids = columns.pop(f"raw:{roles.item_id}").astype(object)
    return Catalogue(ids, columns)
