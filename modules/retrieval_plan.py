"""How a retrieval model is trained: the configuration, with what it leaves open decided by the data."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

from modules.retrieval_config import LossName, QueryTowerName, RetrievalConfig

SEQUENCE_TOWERS = ("gru", "lstm", "transformer")
READ_HISTORIES = ("history", *SEQUENCE_TOWERS)
# Up to here every item can compete for every query: scores a step, and scores an epoch over all users.
WHOLE_CATALOGUE = 20_000
ALL_SCORES = 200_000_000
ALL = 1_000_000_000
LARGE = 300_000  # positives
SEQUENCE_PREDICTIONS = 15_000_000
SCORES_AT_ONCE = 4_000_000
PATIENCE = 4  # looks at the eval split
T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class DataSize:
    """What the plan depends on.

    Attributes:
        users: with positives.
        items: of the catalogue.
        positives: of train.
        in_order: whether the order of interactions says what comes next.
        items_are_described: whether items have columns to be modelled beside their ids.
    """

    users: int
    items: int
    positives: int
    in_order: bool = True
    items_are_described: bool = True


@dataclasses.dataclass(frozen=True)
class RetrievalPlan:
    """`RetrievalConfig` without anything left open; the attributes are described there."""

    query_tower: QueryTowerName
    loss: LossName
    dimension: int
    history_length: int
    shared_item_embedding: bool
    epochs: int
    patience: int
    batch_size: int
    learning_rate: float
    temperature: float
    uniform_negatives: int
    user_id_dropout: float
    item_id_dropout: float
    history_dropout: float
    vector_dropout: float
    item_item: bool
    logq: bool

    @classmethod
    def of(cls, config: RetrievalConfig, size: DataSize) -> RetrievalPlan:
        """Decides what the configuration leaves open.

        Where the order of interactions says nothing and all items can compete, the pooled history learns from the set
        of all that a user took. Otherwise each interaction is an example, that of what came next; a network that reads
        in order learns from whole sequences.
        """
        loss = open_losses(config, size)[0]
        if config.query_tower in SEQUENCE_TOWERS:
            # Many small steps, and some fifteen million predictions in all.
            batch_size = min(1600, max(128, size.positives // 80)) if loss == "softmax" else 6400
            epochs = min(60, max(5, SEQUENCE_PREDICTIONS // max(size.positives, 1)))
            width = 64 if size.positives < LARGE else 128
            kind = _Defaults(width, 200, epochs, PATIENCE, batch_size, 0.002, 0, 0.1, 0.0, 0.2)
        elif loss == "fold_in":
            batch_size = min(max(size.users, 1), max(64, SCORES_AT_ONCE // max(size.items, 1)))
            epochs = max(50, 150 * batch_size // max(size.users, 1))
            kind = _Defaults(16, ALL, epochs, ALL, batch_size, 0.05, 0, 0.0, 0.0, 0.0)
        elif loss == "in_batch":
            # Some eighty steps an epoch at least.
            batch_size = min(4096, max(128, size.positives // 80))
            kind = _Defaults(64, 50, 30, PATIENCE, batch_size, 0.005, batch_size // 4, 0.1, 0.3, 0.2)
        else:
            # The best weights come at the end of the cosine: stopping before costs more than it saves.
            dimension, hidden = (128, 0.4) if size.positives < LARGE else (256, 0.3)
            batch_size = min(256, max(16, size.users // 8))
            # All users of a batch miss an id that is hidden: few, or that noise is what is learned.
            kind = _Defaults(dimension, ALL, 50, 50, batch_size, 0.005, 0, 0.03, 0.5, hidden)
        return cls(
            query_tower=config.query_tower,
            loss=loss,
            dimension=_or(config.dimension, kind.dimension),
            history_length=_or(config.history_length, kind.history_length),
            shared_item_embedding=config.shared_item_embedding,
            epochs=_or(config.epochs, kind.epochs),
            patience=_or(config.patience, kind.patience),
            batch_size=_or(config.batch_size, kind.batch_size),
            learning_rate=_or(config.learning_rate, kind.learning_rate),
            temperature=config.temperature,
            uniform_negatives=_or(config.uniform_negatives, kind.uniform_negatives),
            user_id_dropout=config.user_id_dropout,
            # An item whose id is hidden must be known by its columns.
            item_id_dropout=_or(config.item_id_dropout, kind.item_id_dropout if size.items_are_described else 0.0),
            history_dropout=_or(config.history_dropout, kind.history_dropout),
            vector_dropout=_or(config.vector_dropout, kind.vector_dropout),
            item_item=config.item_item
            and _sets_are_small(size)
            and config.query_tower in ("history", *SEQUENCE_TOWERS),
            logq=config.logq,
        )

    def architecture(self, schema: str) -> dict[str, Any]:
        """What must be the same for a model to take another one's weights; `schema` is its digest."""
        names = ("query_tower", "loss", "dimension", "history_length", "shared_item_embedding")
        return {"schema": schema, **{name: getattr(self, name) for name in names}}

    @property
    def learns_from_sets(self) -> bool:
        """Whether a user's whole history is one example."""
        return self.query_tower == "history" and self.loss not in ("in_batch", "fold_in")

    @property
    def solves_for_users(self) -> bool:
        """Whether each user has a vector, which a query is solved for."""
        return self.loss == "fold_in"

    @property
    def learns_from_sequences(self) -> bool:
        """Whether a user's history in order is one example."""
        return self.query_tower in SEQUENCE_TOWERS


@dataclasses.dataclass(frozen=True)
class _Defaults:
    """What is taken for keys that are left open."""

    dimension: int
    history_length: int
    epochs: int
    patience: int
    batch_size: int
    learning_rate: float
    uniform_negatives: int
    item_id_dropout: float
    history_dropout: float
    vector_dropout: float


def open_losses(config: RetrievalConfig, size: DataSize) -> tuple[LossName, ...]:
    """The losses that the configuration and the size of the data leave open; where there are several, eval chooses.

    Whether a past in order or the whole of it says more about what comes next is a matter of the shop: what people see
    in one evening, or what they have always liked.
    """
    if config.loss:
        return (config.loss,)
    if config.query_tower == "history" and _sets_are_small(size):
        return ("in_batch", "softmax", "squared_error") if size.in_order else ("squared_error", "softmax")
    if config.query_tower in SEQUENCE_TOWERS and size.items <= WHOLE_CATALOGUE:
        return ("softmax",)
    return ("in_batch",)


def _sets_are_small(size: DataSize) -> bool:
    return size.items <= WHOLE_CATALOGUE and size.users * size.items <= ALL_SCORES


def _or(value: T | None, otherwise: T) -> T:
    return otherwise if value is None else value
