"""The answers of the servable, of retrieval alone, of popularity and of the published version to the same queries."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import tensorflow as tf

from components.evaluation.item_groups import ItemGroup
from components.evaluation.query_values import POPULARITY, PUBLISHED, RECOMMENDER, RETRIEVAL
from components.evaluation.systems import Positions, Systems, Texts
from modules.metrics.popularity import popular
from modules.raw_columns import first_values, raw_types, read_raw_columns, serialized_batches
from modules.roles import HISTORY, RELEVANT, SEEN, WEIGHT, Roles
from modules.serving.ragged_table import RaggedArray

K, CHECKED = 100, 10  # places of a list; those whose titles and scores are looked at
QUERIES_AT_ONCE = 128
ACTIVITY = "activity"
_ACTIVITY_STEPS = ((0, "new: no history"), (1, "1–9 items"), (10, "10–49 items"), (50, "50 items and more"))
_NOTHING = "(nothing)"  # no item: a history of it is one of which nothing is known, and not the built-in one


@dataclasses.dataclass(frozen=True)
class EvaluatedCatalogue:
    """The items that could be recommended.

    Attributes:
        item_ids: of all of them, also those that an index may lack.
        counts: [num_items] positives of each item in train.
        titles: of the items, in their order; None where they have none.
        groups: to break metrics down by.
    """

    item_ids: list[bytes]
    counts: Positions
    titles: list[bytes] | None = None
    groups: Sequence[ItemGroup] = ()


@dataclasses.dataclass(frozen=True)
class PublishedModel:
    """A servable that was published before; one of another schema can be asked by ids alone."""

    model: Any
    same_schema: bool


@dataclasses.dataclass
class Checks:
    """What was seen of the servable's answers on the way.

    Attributes:
        lists, flat: how many lists of two items or more there were, and how many of them had one score only.
        items, wrong_titles: how many items of the catalogue were recommended, and how many by another's title.
    """

    lists: int = 0
    flat: int = 0
    items: int = 0
    wrong_titles: int = 0


def item_counts(folder: str, roles: Roles, item_ids: list[bytes]) -> Positions:
    """[num_items] positive interactions of each item in a split."""
    raw = read_raw_columns(folder, {roles.item_id: tf.string, WEIGHT: tf.float32})
    rows = pd.Index(np.array(item_ids, object)).get_indexer(pd.Index(raw[roles.item_id].values.astype(object)))
    positive = (raw[WEIGHT].values > 0) & (rows >= 0)
    return np.bincount(rows[positive], minlength=len(item_ids)).astype(np.int64)


def ask_queries(
    folder: str,
    model: Any,
    catalogue: EvaluatedCatalogue,
    roles: Roles,
    slice_columns: Sequence[str],
    published: PublishedModel | None = None,
) -> tuple[Systems, Checks]:
    """Asks the servable, and a published one if there is one, the queries of a split.

    Args:
        folder: of the split.
        model: the loaded servable.
        catalogue: every item.
        roles: of the columns.
        slice_columns: raw columns of the queries.
        published: to be asked the same. What it recommends beside the catalogue is a miss.
    """
    places = pd.Index(np.array(catalogue.item_ids, object))
    titles = None if catalogue.titles is None else np.array([*catalogue.titles, b""], object)
    k = tf.constant(min(K, len(catalogue.item_ids)))
    systems = (RETRIEVAL, RECOMMENDER, *([PUBLISHED] if published else []))
    parts: dict[str, list[Positions]] = {name: [] for name in systems}
    checks = Checks()
    for examples in serialized_batches(folder, QUERIES_AT_ONCE):
        answer = model.signatures["evaluate"](examples=examples, k=k)
        ids = {
            RETRIEVAL: model.signatures["evaluate_retrieval"](examples=examples, k=k)["item_id"],
            RECOMMENDER: answer["item_id"],
        }
        if published:
            ids[PUBLISHED] = _ask_published(published, examples, roles, k)
        for name, found in ids.items():
            flat = places.get_indexer(pd.Index(found.numpy().ravel()))
            parts[name].append(flat.reshape(found.shape).astype(np.int64))
        _check(checks, parts[RECOMMENDER][-1], answer, titles)
    answers = {name: np.concatenate(found) if found else np.empty((0, 1), np.int64) for name, found in parts.items()}
    kinds = raw_types(roles, slice_columns)
    raw = read_raw_columns(folder, dict.fromkeys((roles.user_id, RELEVANT, SEEN), tf.string) | kinds)
    relevant, seen = (_positions(raw[name], places) for name in (RELEVANT, SEEN))
    answers[POPULARITY] = popular(catalogue.counts, seen, int(k))
    values = {name: _labels(raw[name]) for name in slice_columns}
    values[ACTIVITY] = _activity(np.diff(raw[SEEN].row_splits))
    users, _ = pd.factorize(np.array(first_values(raw[roles.user_id]), object))
    return Systems(answers, relevant, values, catalogue.counts, users.astype(np.int64), catalogue.groups), checks


def _ask_published(published: PublishedModel, examples: tf.Tensor, roles: Roles, k: tf.Tensor) -> tf.Tensor:
    """[B, k] string ids."""
    if published.same_schema:
        return published.model.signatures["evaluate"](examples=examples, k=k)["item_id"]
    spec = {name: tf.io.RaggedFeature(tf.string) for name in (roles.user_id, HISTORY, SEEN)}
    raw = tf.io.parse_example(examples, spec)
    history = raw[HISTORY]
    nothing = tf.where(history.row_lengths() == 0, [_NOTHING], [""])[:, None]
    return published.model.signatures["recommend"](
        user_id=raw[roles.user_id].to_tensor("", shape=[None, 1])[:, 0],
        history=tf.concat([nothing, history.to_tensor("")], axis=1),
        exclude=raw[SEEN].to_tensor("", shape=[None, None]),
        k=k,
    )["item_id"]


def _check(checks: Checks, positions: Positions, answer: dict[str, tf.Tensor], titles: Texts | None) -> None:
    """Counts flat lists and wrong titles among the first places."""
    top, scores = positions[:, :CHECKED], answer["score"].numpy()[:, :CHECKED]
    filled = answer["item_id"].numpy()[:, :CHECKED] != b""
    several = filled.sum(axis=1) > 1
    highest, lowest = (
        function(np.where(filled, scores, other), axis=1) for function, other in ((np.max, -np.inf), (np.min, np.inf))
    )
    checks.lists += int(several.sum())
    checks.flat += int((several & ~(highest > lowest)).sum())
    if titles is not None:
        known = top >= 0
        checks.items += int(known.sum())
        checks.wrong_titles += int((known & (answer["title"].numpy()[:, :CHECKED] != titles[top])).sum())


def _positions(column: RaggedArray, places: pd.Index) -> list[Positions]:
    """Each row's items as positions, without those the catalogue lacks."""
    flat = places.get_indexer(pd.Index(column.values.astype(object))).astype(np.int64)
    return [row[row >= 0] for row in np.split(flat, column.row_splits[1:-1])] if len(column) else []


def _labels(column: RaggedArray) -> Texts:
    """The first value of each row as text."""
    labels: Texts = np.full(len(column), "(missing)", object)
    for row, (start, end) in enumerate(zip(column.row_splits[:-1], column.row_splits[1:], strict=True)):
        if end > start:
            value = column.values[start]
            labels[row] = value.decode() if isinstance(value, bytes) else str(value)
    return labels


def _activity(lengths: npt.NDArray[np.int64]) -> Texts:
    """How much was known of each query's user."""
    names: Texts = np.array([name for _, name in _ACTIVITY_STEPS], object)
    return names[np.searchsorted([start for start, _ in _ACTIVITY_STEPS], lengths, side="right") - 1]
