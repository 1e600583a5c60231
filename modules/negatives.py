"""Negatives for ranking: what retrieval would have returned instead of what was taken."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.ragged import Ints
from modules.training_data import CANDIDATE_ROW, TrainingData
from modules.transform_graph import Columns

QUERIES_AT_ONCE = 512


def mine(data: TrainingData, columns: Columns, rows: Ints, retrieval_model: str, count: int) -> npt.NDArray[np.int32]:
    """The best candidates of retrieval for some interactions, without what these users took.

    Args:
        data: the catalogue, and the train split in which users took items.
        columns: transformed interactions.
        rows: [n] which of them.
        retrieval_model: folder of the retrieval Trainer's SavedModel.
        count: candidates an interaction.

    Returns:
        [n, count] int32 rows of the catalogue; fewer columns if the catalogue is smaller. An item that its user took
        appears only where nothing else is left.
    """
    towers = tf.saved_model.load(retrieval_model)
    vectors = towers.candidate.call({name: tf.constant(values) for name, values in data.catalogue.columns.items()})
    names = list(data.query_specs())
    taken_users, taken_items, starts = _taken_by_user(data)
    users = columns[data.roles.user_id]
    count = min(count, len(data.catalogue.ids))

    @tf.function(reduce_retracing=True)
    def best(queries: dict[str, tf.Tensor], blocked: tf.Tensor) -> tf.Tensor:
        scores = tf.matmul(towers.query.call(queries), vectors, transpose_b=True)
        hidden = tf.fill([tf.shape(blocked)[0]], scores.dtype.min)
        return tf.math.top_k(tf.tensor_scatter_nd_update(scores, blocked, hidden), count).indices

    found = []
    for start in range(0, len(rows), QUERIES_AT_ONCE):
        part = rows[start : start + QUERIES_AT_ONCE]
        own = [
            np.append(taken_items[starts[user] : starts[user + 1]], item) if 0 <= user < len(starts) - 1 else item[None]
            for user, item in zip(users[part], columns[CANDIDATE_ROW][part], strict=True)
        ]
        owner = np.repeat(np.arange(len(part)), [len(items) for items in own])
        blocked = np.stack([owner, np.concatenate(own)], axis=1)
        queries = {name: tf.constant(columns[name][part]) for name in names}
        found.append(best(queries, tf.constant(blocked, tf.int64)).numpy())
    return np.concatenate(found) if found else np.empty((0, count), np.int32)


def _taken_by_user(data: TrainingData) -> tuple[Ints, Ints, Ints]:
    """Train interactions sorted by user: users, items, and where each known user's run begins.

    Of train alone: an item that is never shown as a negative because it will be taken in eval would give eval away.
    """
    known = data.graph.vocabulary_size(data.roles.user_id)
    users, items = data.train[data.roles.user_id], data.train[CANDIDATE_ROW]
    order = np.argsort(users, kind="stable")
    return users[order], items[order], np.searchsorted(users[order], np.arange(known + 1))
