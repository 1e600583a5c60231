"""The answers of the servable, of retrieval alone and of popularity to the same evaluation queries."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import tensorflow as tf

from modules.metrics.evaluate import evaluate_ranking, paired_bootstrap, per_query
from modules.metrics.popularity import popular
from modules.raw_columns import raw_types, read_raw_columns, serialized_batches
from modules.roles import HISTORY, RELEVANT, SEEN, WEIGHT, Roles
from modules.serving.ragged_table import RaggedArray

K = 100
HEADLINES = ("ndcg@10", "recall@100")
QUERIES_AT_ONCE = 128
ACTIVITY = "activity"
_ACTIVITY_STEPS = ((0, "new: no history"), (1, "1–9 items"), (10, "10–49 items"), (50, "50 items and more"))
POPULARITY, RETRIEVAL, RECOMMENDER = "popularity", "retrieval", "recommender"
Positions = npt.NDArray[np.int64]


@dataclasses.dataclass(frozen=True)
class Systems:
    """What each system answered.

    Attributes:
        answers: by system, [Q, K] int64 positions in the catalogue, best first, -1 pads.
        relevant: Q arrays of positions.
        values: by slice column, the value of each query.
        counts: [num_items] positives of each item in train.
    """

    answers: Mapping[str, Positions]
    relevant: Sequence[Positions]
    values: Mapping[str, npt.NDArray[np.object_]]
    counts: Positions

    def metrics(self) -> dict[str, dict[str, float]]:
        """By system, the metrics of docs/metrics.md over all queries."""
        return {
            system: evaluate_ranking(answers, self.relevant, len(self.counts), item_popularity=self.counts)
            for system, answers in self.answers.items()
        }

    def slices(self) -> list[dict[str, Any]]:
        """The recommender's metrics for each value of each slice column, most queries first."""
        found = []
        for column, values in self.values.items():
            for value, rows in pd.Series(range(len(values))).groupby(values.astype(str)):
                chosen = rows.to_numpy()
                metrics = evaluate_ranking(
                    self.answers[RECOMMENDER][chosen], [self.relevant[row] for row in chosen], len(self.counts)
                )
                found.append({"column": column, "value": str(value), "queries": len(chosen), "metrics": metrics})
        return sorted(found, key=lambda part: (part["column"], -part["queries"]))

    def intervals(self, seed: int) -> dict[str, dict[str, list[float]]]:
        """By system and metric, the ends of the 95 % interval of the mean; of the metrics that reports begin with."""
        found: dict[str, dict[str, list[float]]] = {}
        for system, answers in self.answers.items():
            values = per_query(answers, self.relevant)
            found[system] = {
                name: list(paired_bootstrap(values[name], np.zeros_like(values[name]), seed)[1:])
                for name in HEADLINES
                if len(values[name])
            }
        return found

    def differences(self, seed: int) -> dict[str, list[float]]:
        """Recommender minus each other system in nDCG@10: mean, and the ends of its 95 % interval."""
        by_query = {name: per_query(answers, self.relevant)["ndcg@10"] for name, answers in self.answers.items()}
        if not len(by_query[RECOMMENDER]):
            return {}
        return {
            other: list(paired_bootstrap(by_query[RECOMMENDER], by_query[other], seed))
            for other in (POPULARITY, RETRIEVAL)
        }


def item_counts(folder: str, roles: Roles, item_ids: list[bytes]) -> Positions:
    """[num_items] positive interactions of each item in a split."""
    raw = read_raw_columns(folder, {roles.item_id: tf.string, WEIGHT: tf.float32})
    rows = pd.Index(np.array(item_ids, object)).get_indexer(pd.Index(raw[roles.item_id].values.astype(object)))
    positive = (raw[WEIGHT].values > 0) & (rows >= 0)
    return np.bincount(rows[positive], minlength=len(item_ids)).astype(np.int64)


def ask_queries(
    folder: str, model: Any, item_ids: list[bytes], counts: Positions, roles: Roles, slice_columns: Sequence[str]
) -> Systems:
    """Asks the servable the queries of a split.

    Args:
        folder: of the split.
        model: the loaded servable.
        item_ids: of the catalogue.
        counts: [num_items] positives of each item in train.
        roles: of the columns.
        slice_columns: raw columns of the queries.
    """
    places = pd.Index(np.array(item_ids, object))
    k = tf.constant(min(K, len(item_ids)))
    asked = {RETRIEVAL: "evaluate_retrieval", RECOMMENDER: "evaluate"}
    parts: dict[str, list[Positions]] = {name: [] for name in asked}
    for examples in serialized_batches(folder, QUERIES_AT_ONCE):
        for name, signature in asked.items():
            ids = model.signatures[signature](examples=examples, k=k)["item_id"].numpy()
            parts[name].append(places.get_indexer(pd.Index(ids.ravel())).reshape(ids.shape).astype(np.int64))
    answers = {name: np.concatenate(found) if found else np.empty((0, 1), np.int64) for name, found in parts.items()}
    kinds = raw_types(roles, slice_columns)
    raw = read_raw_columns(folder, dict.fromkeys((RELEVANT, SEEN, HISTORY), tf.string) | kinds)
    relevant, seen = (_positions(raw[name], places) for name in (RELEVANT, SEEN))
    answers[POPULARITY] = popular(counts, seen, int(k))
    values = {name: _labels(raw[name]) for name in slice_columns}
    values[ACTIVITY] = _activity(np.diff(raw[SEEN].row_splits))
    return Systems(answers, relevant, values, counts)


def _positions(column: RaggedArray, places: pd.Index) -> list[Positions]:
    """Each row's items as positions, without those the catalogue lacks."""
    flat = places.get_indexer(pd.Index(column.values.astype(object))).astype(np.int64)
    return [row[row >= 0] for row in np.split(flat, column.row_splits[1:-1])] if len(column) else []


def _labels(column: RaggedArray) -> npt.NDArray[np.object_]:
    """The first value of each row as text."""
    labels = np.full(len(column), "(missing)", object)
    for row, (start, end) in enumerate(zip(column.row_splits[:-1], column.row_splits[1:], strict=True)):
        if end > start:
            value = column.values[start]
            labels[row] = value.decode() if isinstance(value, bytes) else str(value)
    return labels


def _activity(lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    """How much was known of each query's user."""
    names = np.array([name for _, name in _ACTIVITY_STEPS], object)
    return names[np.searchsorted([start for start, _ in _ACTIVITY_STEPS], lengths, side="right") - 1]
