"""Examples → what the prior of retrieval is made of and chosen by."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.catalogue import Catalogue
from modules.raw_columns import read_raw_columns, serialized_examples
from modules.recency_judge import Questions
from modules.restored_models import RestoredRetrieval
from modules.roles import RELEVANT, SEEN, WEIGHT, Roles
from modules.serving.query import asked_at
from modules.taken import NEVER, Taken

_MAX_QUERIES, _QUERIES_AT_ONCE = 5120, 128
_MAX_SCORES, _SCORES_AT_ONCE = 50_000_000, 10_000_000
"""Queries times items: large catalogues are judged by fewer queries, and by fewer at a time."""


def read_taken(folder: str, catalogue: Catalogue, roles: Roles) -> Taken:
    """The positive interactions of a split with items of the catalogue."""
    types = {roles.item_id: tf.string, WEIGHT: tf.float32} | ({roles.time: tf.int64} if roles.time else {})
    raw = read_raw_columns(folder, types)
    rows = catalogue.rows_of(raw[roles.item_id].values.astype(object))
    kept = (raw[WEIGHT].values > 0) & (rows >= 0)
    return Taken(rows[kept], raw[roles.time].values[kept] if roles.time else None)


def recency_queries(
    folder: str, catalogue: Catalogue, towers: RestoredRetrieval, time: str | None
) -> Iterator[Questions]:
    """Evaluation queries as `modules.recency_fit.fit_recency` takes them.

    Args:
        folder: of the split.
        catalogue: every item.
        towers: for the queries' vectors.
        time: the raw column of a query's moment; None without times.
    """
    spec = {name: tf.io.VarLenFeature(kind) for name, kind in towers.query_inputs.items()}
    spec |= {name: tf.io.VarLenFeature(tf.string) for name in (SEEN, RELEVANT)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
    def parse(examples: tf.Tensor) -> tuple[tf.Tensor, tf.RaggedTensor, tf.RaggedTensor, tf.Tensor]:
        raw = tf.io.parse_example(examples, spec)
        seen, relevant = (tf.RaggedTensor.from_sparse(raw.pop(name)) for name in (SEEN, RELEVANT))
        moments = asked_at(raw, time, examples)
        moments = moments.to_tensor(NEVER, shape=[None, 1])[:, 0]
        return towers.query_vector(towers.query_features(raw)), seen, relevant, moments

    def rows(ids: tf.RaggedTensor) -> list[npt.NDArray[np.int64]]:
        flat = catalogue.rows_of(ids.values.numpy().astype(object))
        return [row[row >= 0] for row in np.split(flat, ids.row_splits.numpy()[1:-1])]

    items = len(catalogue.ids)
    at_once = max(1, min(_QUERIES_AT_ONCE, _SCORES_AT_ONCE // items))
    queries = max(1, min(_MAX_QUERIES, _MAX_SCORES // items))
    # Every so manieth query, as those of a user stand together.
    some = serialized_examples(folder).take(_MAX_QUERIES).shard(-(-_MAX_QUERIES // queries), 0)
    for examples in some.batch(at_once):
        vectors, seen, relevant, moments = parse(examples)
        yield Questions(vectors.numpy(), rows(seen), rows(relevant), moments.numpy())
