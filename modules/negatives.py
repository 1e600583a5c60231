"""Negatives for ranking: what retrieval would have returned instead of what was taken."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.column_store import Columns
from modules.ragged import Ints, flat_indices
from modules.ranking_config import RankingConfig
from modules.ranking_rows import in_history
from modules.roles import WEIGHT
from modules.training_data import CANDIDATE_ROW, MOMENT, TrainingData

QUERIES_AT_ONCE = 512
NEGATIVES, HAS_NEGATIVES = "negatives", "has_negatives"


def mine(data: TrainingData, columns: Columns, rows: Ints, retrieval_model: str, count: int) -> npt.NDArray[np.int32]:
    """The best candidates of retrieval for some interactions, without what these users took.

    Nor what nobody had met yet at that moment: as a negative only, never a positive, it would teach the ranker that new
    items are bad ones.

    Args:
        data: the catalogue, and the train split in which users took items.
        columns: transformed interactions.
        rows: [n] which of them.
        retrieval_model: folder of the retrieval Trainer's SavedModel.
        count: candidates an interaction.

    Returns:
        [n, count] int32 rows of the catalogue, best first; fewer columns if the catalogue is smaller. Never the item
        itself, one of its user's history, one the user had in train (until then, if the order counts), or one that
        nobody had in train until then:
        where fewer than `count` others are left they are repeated, and where none is left the row is -1 throughout.
    """
    towers = tf.saved_model.load(retrieval_model)
    vectors = towers.candidate.call({name: tf.constant(values) for name, values in data.catalogue.columns.items()})
    names = list(data.query_specs())
    taken = _TakenInTrain(data)
    count = min(count, len(data.catalogue.ids))
    known_from = tf.constant(data.known_from())

    @tf.function(reduce_retracing=True, autograph=False)
    def best(queries: dict[str, tf.Tensor], moments: tf.Tensor, blocked: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        scores = tf.matmul(towers.query.call(queries), vectors, transpose_b=True)
        scores = tf.where(known_from[None, :] <= moments[:, None], scores, -np.inf)
        hidden = tf.fill([tf.shape(blocked)[0]], -np.inf)
        top, items = tf.math.top_k(tf.tensor_scatter_nd_update(scores, blocked, hidden), count)
        return items, tf.math.count_nonzero(top > -np.inf, axis=1)

    found = [np.empty((0, count), np.int32)]
    for start in range(0, len(rows), QUERIES_AT_ONCE):
        part = rows[start : start + QUERIES_AT_ONCE]
        queries = {name: tf.constant(columns[name][part]) for name in names}
        moments, blocked = tf.constant(columns[MOMENT][part]), tf.constant(taken.pairs(columns, part))
        items, left = (values.numpy() for values in best(queries, moments, blocked))
        again = np.arange(count) % np.maximum(left, 1)[:, None]
        found.append(np.where(left[:, None] > 0, np.take_along_axis(items, again, axis=1), -1))
    return np.concatenate(found)


class _TakenInTrain:
    """Which items each interaction must not be compared with: those that serving would not offer.

    What the user had before; where the order says nothing, what the user had at all. Of train alone: an item that is
    never shown as a negative because it will be taken in eval would give eval away.
    """

    def __init__(self, data: TrainingData) -> None:
        self._data = data
        met = np.flatnonzero(in_history(data, data.train))
        users, moments = data.train[data.roles.user_id][met], data.train[MOMENT][met]
        order = np.lexsort((moments, users))
        self._items = data.train[CANDIDATE_ROW][met][order]
        self._moments = np.unique(moments)
        self._keys = self._key(users, moments)[order]

    def _key(self, users: Ints, moments: Ints) -> Ints:
        """Ascends with users, and with moments within a user."""
        return users * (len(self._moments) + 1) + np.searchsorted(self._moments, moments)

    def _runs(self, users: Ints, moments: Ints) -> tuple[Ints, Ints]:
        """Where the items of each interaction begin, and how many there are; the unknown user has none."""
        starts = np.searchsorted(self._keys, users * (len(self._moments) + 1))
        if self._data.protocol == "next_item":
            ends = np.searchsorted(self._keys, self._key(users, moments))
        else:
            ends = np.searchsorted(self._keys, (users + 1) * (len(self._moments) + 1))
        known = users < self._data.graph.vocabulary_size(self._data.roles.user_id)
        return starts, np.where(known, ends - starts, 0)

    def pairs(self, columns: Columns, rows: Ints) -> Ints:
        """[m, 2] int64 (place in `rows`, row of the catalogue)."""
        users, here = columns[self._data.roles.user_id][rows], np.arange(len(rows))
        starts, lengths = self._runs(users, columns[MOMENT][rows])
        taken = flat_indices(starts, lengths)
        place, column = np.nonzero((history := self._data.history_rows(columns, rows)) >= 0)
        owners = np.concatenate([np.repeat(here, lengths), place, here])
        items = np.concatenate([self._items[taken], history[place, column], columns[CANDIDATE_ROW][rows]])
        return np.stack([owners, items], axis=1)


def with_negatives(
    data: TrainingData,
    columns: Columns,
    retrieval_model: str,
    config: RankingConfig,
    rng: np.random.Generator,
) -> Columns:
    """Adds to interactions the candidates they are compared with.

    Args:
        data: the catalogue, and the train split in which users took items.
        columns: transformed interactions.
        retrieval_model: folder of the retrieval Trainer's SavedModel.
        config: how many candidates, and for how many interactions.
        rng: chooses these.

    Returns:
        the columns and `NEGATIVES` [rows, mined] int32 rows of the catalogue and `HAS_NEGATIVES` [rows] float32: 1 for
        positives that have some.
    """
    positives = data.positives(columns)
    if len(positives) > config.mined_rows:
        positives = np.sort(rng.choice(positives, config.mined_rows, replace=False))
    mined = mine(data, columns, positives, retrieval_model, config.mined)
    negatives = np.zeros((len(columns[WEIGHT]), mined.shape[1]), np.int32)
    negatives[positives] = np.maximum(mined, 0)
    has_negatives = np.zeros(len(negatives), np.float32)
    has_negatives[positives] = mined[:, 0] >= 0
    return {**columns, NEGATIVES: negatives, HAS_NEGATIVES: has_negatives}
