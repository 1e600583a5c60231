"""The `[retrieval]` section of the configuration."""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

from modules.errors import InputError


@dataclasses.dataclass(frozen=True)
class RetrievalConfig:
    """How the two-tower model is built and trained.

    Attributes:
        query_tower: what a query is made of: "history" (past items, features and id), "features" (features, request
            context and id) or "mf" (the id alone: plain matrix factorisation).
        dimension: width of the vectors that queries and items meet in.
        epochs: at most; training stops early when the eval split no longer improves.
        patience: epochs without improvement before it stops.
        batch_size: interactions a step; the others of the batch are each one's negatives. None: by the data.
        learning_rate: of Adam, decayed along a cosine.
        temperature: of the softmax.
        user_id_dropout, item_id_dropout: share of ids hidden while training, so that new ones are served well.
        history_dropout: share of the history hidden while training.
        vector_dropout: dropout on the query vector.
        logq: whether popularity is corrected for in the softmax over the batch.
    """

    query_tower: Literal["history", "features", "mf"] = "history"
    dimension: int = 64
    epochs: int = 30
    patience: int = 4
    batch_size: int | None = None
    learning_rate: float = 0.005
    temperature: float = 1.0
    user_id_dropout: float = 0.5
    item_id_dropout: float = 0.1
    history_dropout: float = 0.3
    vector_dropout: float = 0.2
    logq: bool = True

    def __post_init__(self) -> None:
        """Refuses numbers that no training can use."""
        where = "config [retrieval]"
        for name in ("dimension", "epochs", "patience", "batch_size", "learning_rate", "temperature"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise InputError(f"{where}, key {name}", "a number above 0", value)
        for name in ("user_id_dropout", "item_id_dropout", "history_dropout", "vector_dropout"):
            value = getattr(self, name)
            if not 0 <= value < 1:
                raise InputError(f"{where}, key {name}", "a share from 0 up to, not including, 1", value)

    def batch_for(self, rows: int) -> int:
        """The batch size for a number of training rows: some eighty steps an epoch at least, 4096 rows at most."""
        return self.batch_size or int(min(4096, max(128, rows // 80)))
