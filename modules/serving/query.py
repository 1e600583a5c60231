"""From a request to what the towers take and what must not be returned."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import tensorflow as tf

from modules.serving.id_table import IdTable
from modules.serving.ragged_table import RaggedTable
from modules.serving.tables import Names, UserTable


@dataclasses.dataclass(frozen=True)
class Request:
    """What came in about B queries.

    Attributes:
        user_id: [B] string; "" = nobody known.
        history: RaggedTensor [B, None] string, without empty ids; an empty row stands for the built-in history.
        exclude: RaggedTensor [B, None] string: items not to return.
        columns: further raw columns, RaggedTensors [B, None]; an empty row stands for the stored values.
        history_target: RaggedTensor [B, None] float32 aligned with `history`; None = unknown.
        stored_history: whether the built-in history may stand in at all; an evaluation query from the past must not
            see what its user did since.
    """

    user_id: tf.Tensor
    history: tf.RaggedTensor
    exclude: tf.RaggedTensor
    columns: Mapping[str, tf.RaggedTensor] = dataclasses.field(default_factory=dict)
    history_target: tf.RaggedTensor | None = None
    stored_history: bool = True

    @classmethod
    def of(cls, user_id: tf.Tensor, history: tf.Tensor | None = None, exclude: tf.Tensor | None = None) -> Request:
        """From ids [B] and, with "" as pads, items [B, H] and [B, E], all string."""
        nothing = no_values(user_id, tf.string)
        return cls(
            user_id,
            nothing if history is None else ragged_ids(history),
            nothing if exclude is None else ragged_ids(exclude),
        )


@dataclasses.dataclass(frozen=True)
class Query:
    """What the graph makes of a request.

    Attributes:
        raw: the towers' `query_inputs`.
        blocked: RaggedTensor [B, None] int32 positions of seen and excluded items; -1 for what is not in the catalogue.
        history: RaggedTensor [B, None] int32 positions of the items of the history, -1 likewise.
    """

    raw: dict[str, tf.SparseTensor]
    blocked: tf.RaggedTensor
    history: tf.RaggedTensor


class QueryBuilder(tf.Module):
    """Completes requests with what is stored about the users."""

    def __init__(
        self,
        users: UserTable,
        items: IdTable,
        inputs: Mapping[str, tf.DType],
        names: Names,
        history_length: int,
        folder: Path,
    ) -> None:
        """Puts the users into variables.

        Args:
            users: what is stored.
            items: of the catalogue.
            inputs: raw columns of a query and their types.
            names: of the special ones.
            history_length: how many of the newest history items the towers get; ≥ 1.
            folder: where the users' vocabulary is written.
        """
        super().__init__(name="query_builder")
        if history_length < 1:
            raise ValueError(f"history_length must be at least 1, not {history_length}")
        self._inputs = tuple(inputs.items())
        self._names = names
        self._items = items
        self._length = history_length
        self._users = IdTable(users.user_ids, folder / "users.txt")
        self._columns = {
            name: RaggedTable(users.columns[name], dtype, name=f"user_{name}")
            for name, dtype in inputs.items()
            if name in users.columns
        }
        self._history = RaggedTable(users.history, tf.int32, name="history")
        self._seen = RaggedTable(users.seen, tf.int32, name="seen")
        self._targets = users.history_target and RaggedTable(users.history_target, tf.float32, name="history_target")

    def build(self, request: Request) -> Query:
        """The query of each request."""
        users = self._users.positions(request.user_id)
        # A history in the request replaces the stored one: there, no stored row is read.
        own = request.history.row_lengths() > 0
        stored = tf.where(own, -1, users) if request.stored_history else tf.fill(tf.shape(users), -1)
        asked = request.history.with_values(self._items.positions(request.history.values))
        excluded = request.exclude.with_values(self._items.positions(request.exclude.values))
        return Query(
            raw={name: _sparse(self._column(name, dtype, request, users, stored)) for name, dtype in self._inputs},
            blocked=tf.concat([self._seen.gather(stored), asked, excluded], axis=1),
            history=tf.concat([self._history.gather(stored), asked], axis=1)[:, -self._length :],
        )

    def _column(
        self, name: str, dtype: tf.DType, request: Request, users: tf.Tensor, stored: tf.Tensor
    ) -> tf.RaggedTensor:
        """The values of one raw column, RaggedTensor [B, None]."""
        if name == self._names.user_id:
            return tf.RaggedTensor.from_tensor(request.user_id[:, tf.newaxis], row_splits_dtype=tf.int64)
        if name == self._names.history:
            positions = self._history.gather(stored)
            ids = positions.with_values(self._items.ids(positions.values))
            return tf.concat([ids, request.history], axis=1)[:, -self._length :]
        if name == self._names.history_target:
            return tf.concat([self._stored_targets(stored), _targets(request)], axis=1)[:, -self._length :]
        given = request.columns.get(name)
        if name not in self._columns:
            return no_values(request.user_id, dtype) if given is None else given
        if given is None:
            return self._columns[name].gather(users)
        missing = tf.where(given.row_lengths() > 0, -1, users)
        return tf.concat([self._columns[name].gather(missing), given], axis=1)

    def _stored_targets(self, stored: tf.Tensor) -> tf.RaggedTensor:
        if self._targets:
            return self._targets.gather(stored)
        return unknown(self._history.gather(stored))


def ragged_ids(ids: tf.Tensor) -> tf.RaggedTensor:
    """Ids [B, n] string without the empty ones."""
    return tf.ragged.boolean_mask(ids, tf.not_equal(ids, ""))


def _targets(request: Request) -> tf.RaggedTensor:
    """What a request says about the target of its history: unknown, if nothing."""
    return unknown(request.history) if request.history_target is None else request.history_target


def unknown(like: tf.RaggedTensor) -> tf.RaggedTensor:
    """NaN for every value of `like`."""
    return like.with_values(tf.fill(tf.shape(like.values), float("nan")))


def asked_at(raw: Mapping[str, tf.SparseTensor], time: str | None, like: tf.Tensor) -> tf.RaggedTensor:
    """[B, 0 or 1] int64: the moments of queries.

    Args:
        raw: columns of B parsed queries.
        time: the column of the moment; None without times.
        like: [B].
    """
    return tf.RaggedTensor.from_sparse(raw[time]) if time else no_values(like, tf.int64)


def no_values(like: tf.Tensor, dtype: tf.DType) -> tf.RaggedTensor:
    """As many empty rows of `dtype` as `like` has rows."""
    splits = tf.zeros([tf.shape(like)[0] + 1], tf.int64)
    return tf.RaggedTensor.from_row_splits(tf.constant([], dtype), splits, validate=False)


def _sparse(ragged: tf.RaggedTensor) -> tf.SparseTensor:
    """As a SparseTensor of at least one column, so that the towers never meet a tensor without any."""
    sparse = ragged.to_sparse()
    return tf.SparseTensor(sparse.indices, sparse.values, tf.maximum(sparse.dense_shape, [0, 1]))
