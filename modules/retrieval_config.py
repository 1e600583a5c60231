"""The `[retrieval]` section of the configuration."""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

from modules.errors import InputError

QueryTowerName = Literal["history", "features", "mf", "gru", "lstm", "transformer"]
LossName = Literal["squared_error", "softmax", "in_batch", "fold_in"]


@dataclasses.dataclass(frozen=True)
class RetrievalConfig:
    """How the two-tower model is built and trained; None leaves it to the data, see `RetrievalPlan`.

    Attributes:
        query_tower: what a query is made of: "history" (past items pooled, features, id), "gru", "lstm" or
            "transformer" (past items in order, features), "features" (features, request context and id) or "mf" (the
            id alone: plain matrix factorisation).
        loss: "squared_error" or "softmax" over the whole catalogue, "in_batch": softmax over the items of the batch
            and some drawn uniformly, or "fold_in": queries are solved for instead of pooled.
        dimension: width of the vectors that queries and items meet in.
        history_length: the newest items of a history that are read.
        shared_item_embedding: whether "gru", "lstm" and "transformer" read histories with the candidates' embedding.
        epochs: at most; training stops early when the eval split no longer improves.
        patience: looks at the eval split without improvement before it stops; the best look's weights are kept.
        batch_size: interactions a step; users a step where whole histories are predicted.
        learning_rate: of Adam, decayed along a cosine.
        temperature: of the softmax over the batch.
        uniform_negatives: items drawn uniformly as negatives beside those of the batch.
        user_id_dropout, item_id_dropout: share of ids hidden while training, so that new ones are served well.
        history_dropout: share of the history hidden while training.
        vector_dropout: dropout on the query vector, or inside the network that reads the history.
        item_item: whether item-item weights stand beside the towers, where histories are read, all items can compete
            and eval says that they help.
        logq: whether popularity is corrected for in the softmax over the batch.
    """

    query_tower: QueryTowerName = "history"
    loss: LossName | None = None
    dimension: int | None = None
    history_length: int | None = None
    shared_item_embedding: bool = True
    epochs: int | None = None
    patience: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    temperature: float = 1.0
    uniform_negatives: int | None = None
    user_id_dropout: float = 0.5
    item_id_dropout: float | None = None
    history_dropout: float | None = None
    vector_dropout: float | None = None
    item_item: bool = True
    logq: bool = True

    def __post_init__(self) -> None:
        """Refuses what no training can use."""
        where = "config [retrieval]"
        above_0 = ("dimension", "history_length", "epochs", "patience", "batch_size", "learning_rate", "temperature")
        for name in above_0:
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise InputError(f"{where}, key {name}", "a number above 0", value)
        if self.uniform_negatives is not None and self.uniform_negatives < 0:
            raise InputError(f"{where}, key uniform_negatives", "a number from 0", self.uniform_negatives)
        for name in ("user_id_dropout", "item_id_dropout", "history_dropout", "vector_dropout"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < 1:
                raise InputError(f"{where}, key {name}", "a share from 0 up to, not including, 1", value)
        if self.query_tower == "transformer" and (self.dimension or 0) % 2:
            raise InputError(f"{where}, key dimension", "an even number with this query_tower", self.dimension)
        pooled = self.query_tower == "history"
        if self.loss in ("squared_error", "fold_in") and not pooled:
            raise InputError(f"{where}, key loss", '"softmax" or "in_batch" with this query_tower', self.loss)
        if self.loss == "softmax" and self.query_tower in ("features", "mf"):
            raise InputError(f"{where}, key loss", '"in_batch" with this query_tower', self.loss)
