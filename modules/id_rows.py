"""Which weights have a row for each value of a vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import tensorflow as tf

from modules.ragged import Ints

T = TypeVar("T")
Array = npt.NDArray[Any]


def by_id(tables: T, column: str) -> T:
    """Notes that the rows of a layer's tables, or of a variable, belong to the values of a column's vocabulary.

    Where a table has one row more than there are values, that row is the unknown's.
    """
    tables.rows_of = column  # type: ignore[attr-defined]
    return tables


def columns_of(model: tf.Module) -> dict[Any, str]:
    """The columns that were noted, by the `ref()` of the variable."""
    found = {
        variable.ref(): layer.rows_of
        for layer in model.submodules
        if hasattr(layer, "rows_of")
        for variable in layer.weights
    }
    return found | {variable.ref(): variable.rows_of for variable in model.variables if hasattr(variable, "rows_of")}


def places_in(vocabulary: Sequence[str], earlier: Sequence[str]) -> Ints:
    """[len(vocabulary) + 1] where each value stands in an earlier vocabulary, -1 if nowhere; last the unknown's."""
    return np.append(pd.Index(earlier).get_indexer(pd.Index(vocabulary)), len(earlier)).astype(np.int64)


def with_rows(values: Array, earlier: Array, places: Ints) -> Array:
    """A table with the rows that an earlier one has for the same ids.

    Args:
        values: [rows, …], what ids get that the earlier table lacks.
        earlier: [other rows, …] of the same type and width.
        places: of `places_in`; one more than `values` has rows, where the unknown has none.
    """
    places = places[: len(values)]
    known = (places >= 0) & (places < len(earlier))
    found = values.copy()
    found[known] = earlier[places[known]]
    return found
