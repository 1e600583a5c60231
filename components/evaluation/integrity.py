"""Whether the evidence can be believed: repeated rows, vocabularies of other data, answers among the features."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import tensorflow as tf
import tensorflow_transform as tft

from components.evaluation.answers import Checks
from components.evaluation.leaks import Values, strongest, told_of_item, told_of_number
from modules.raw_columns import PARSED_AT_ONCE, raw_column_batches, raw_types, read_raw_columns, serialized_batches
from modules.roles import WEIGHT, Encoding, Roles, Table
from modules.serving.ragged_table import RaggedArray

_LEAK_BATCHES = 25  # of PARSED_AT_ONCE rows: some 100,000 tell a leak
_NO_SPREAD = 0.001  # stands in for the spread of "taken" where all rows were


def duplicates(queries: str, train: str, held_out: str, roles: Roles) -> dict[str, float]:
    """Shares of eval's queries, and of its interactions, that repeat another one.

    Without times an interaction that occurs twice may well have happened twice, and only queries are looked at.

    Args:
        queries: folder of eval's queries.
        train, held_out: folders of the interactions of train and eval; a row of eval that train has repeats it.
        roles: of the columns.
    """
    asked = [bytes(one) for batch in serialized_batches(queries, PARSED_AT_ONCE) for one in batch.numpy()]
    found = {"queries": 1 - len(set(asked)) / len(asked) if asked else 0.0}
    if roles.time:
        ours, others = _row_hashes(held_out, roles), _row_hashes(train, roles)
        fresh = np.setdiff1d(ours, others)
        found["rows"] = 1 - len(fresh) / len(ours) if len(ours) else 0.0
    return found


def vocabulary_shares(graph: str, train: str, roles: Roles) -> dict[str, float]:
    """Shares of the users and of the items of train that the vocabularies of a Transform graph hold."""
    output = tft.TFTransformOutput(graph)
    names = {"users": roles.user_id, "items": roles.item_id}
    occurring: dict[str, set[bytes]] = {kind: set() for kind in names}
    for part in raw_column_batches(train, dict.fromkeys(names.values(), tf.string)):
        for kind, name in names.items():
            occurring[kind].update(part[name].values)
    return {
        kind: len(ids & {*output.vocabulary_by_name(names[kind])}) / len(ids) if ids else 0.0
        for kind, ids in occurring.items()
    }


def leaks(train: str, held_out: str, roles: Roles) -> dict[str, float]:
    """By feature column, the share of the answer that it tells; see `components.evaluation.leaks`.

    The answers are the target, whether something was taken, and which item. A column of items is not asked about the
    latter. Texts and pictures are left out, and of a list the first value counts.
    """
    columns = [column for column in roles.features() if column.encoding in (Encoding.CATEGORICAL, Encoding.CONTINUOUS)]
    kinds = raw_types(roles, [column.name for column in columns])
    kinds |= {roles.item_id: tf.string, WEIGHT: tf.float32} | ({roles.target: tf.float32} if roles.target else {})
    seen, new = (
        {name: _firsts(column) for name, column in read_raw_columns(folder, kinds, _LEAK_BATCHES).items()}
        for folder in (train, held_out)
    )
    numbers = [(seen[WEIGHT] > 0, new[WEIGHT] > 0)] + (
        [(seen[roles.target], new[roles.target])] if roles.target else []
    )
    liked, likes = (np.flatnonzero(part[WEIGHT] > 0) for part in (seen, new))
    told: dict[str, list[float]] = {}
    for column in columns:
        before, after = seen[column.name], new[column.name]
        told[column.name] = [
            told_of_number(before, then.astype(float), after, now.astype(float)) for then, now in numbers
        ]
        if column.table is not Table.ITEM:
            items, actual = seen[roles.item_id][liked], new[roles.item_id][likes]
            told[column.name].append(told_of_item(before[liked], items, after[likes], actual))
    return strongest(told)


def answer_facts(checks: Checks, has_titles: bool, predicted: npt.ArrayLike, actual: npt.ArrayLike) -> dict[str, Any]:
    """What `components.gate.answer_rules` reads.

    Args:
        checks: of the answers to eval's queries.
        has_titles: whether items have titles.
        predicted, actual: of the ranking model on eval's rows.
    """
    found = {
        "flat_lists": checks.flat / checks.lists if checks.lists else 0.0,
        "predicted_spread": _spread(predicted),
        "actual_spread": _spread(actual),
    }
    if np.asarray(actual).dtype == bool:
        found["actual_spread"] = found["actual_spread"] or _NO_SPREAD
    if has_titles:
        found["titles_right"] = 1 - checks.wrong_titles / checks.items if checks.items else None
    return found


def _spread(values: npt.ArrayLike) -> float | None:
    numbers = np.asarray(values, np.float64)
    return float(numbers.std()) if numbers.size else None


def _row_hashes(folder: str, roles: Roles) -> npt.NDArray[np.uint64]:
    """A hash of who did what when, for each row."""
    names = [roles.user_id, roles.item_id, roles.time, roles.event]
    hashes = [np.empty(0, np.uint64)]
    for part in raw_column_batches(folder, raw_types(roles, [name for name in names if name])):
        table = pd.DataFrame({name: _firsts(column) for name, column in part.items()})
        hashes.append(pd.util.hash_pandas_object(table, index=False).to_numpy())
    return np.concatenate(hashes)


def _firsts(column: RaggedArray) -> Values:
    """The first value of each row; None, or NaN of numbers, where it has none."""
    filled = np.diff(column.row_splits) > 0
    text = column.values.dtype == object
    found: Values = np.full(len(column), None if text else np.nan, object if text else np.float64)
    found[filled] = column.values[column.row_splits[:-1][filled]]
    return found
