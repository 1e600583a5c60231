"""The `[ranking]` section of the configuration."""

from __future__ import annotations

import dataclasses
import math

from modules.errors import InputError


@dataclasses.dataclass(frozen=True)
class RankingConfig:
    """How the ranking model is built and trained.

    Attributes:
        dimension: width of the embeddings of users, items and histories.
        hidden: widths of the layers that judge a pair.
        epochs: at most; training stops early when the eval split no longer improves.
        patience: epochs without improvement before it stops.
        batch_size: interactions a step.
        learning_rate: of Adam, decayed along a cosine.
        negatives: items, out of those that retrieval would have returned, that each positive is compared with.
        mined: how many of retrieval's best are kept for an interaction to draw its negatives from.
        mined_rows: interactions at most for which negatives are looked up; the others learn the target alone.
        dropout: inside the judging layers.
        id_dropout: share of user and item ids hidden while training, so that new ones are served well.
        history_dropout: share of the history hidden while training.
        embedding_decay: weight of the squared length of the embeddings in the loss.
        target_weight, taken_weight: of the two losses.
    """

    dimension: int = 32
    hidden: tuple[int, ...] = (128, 64)
    epochs: int = 12
    patience: int = 2
    batch_size: int = 1024
    learning_rate: float = 0.002
    negatives: int = 8
    mined: int = 100
    mined_rows: int = 300_000
    dropout: float = 0.3
    id_dropout: float = 0.1
    history_dropout: float = 0.2
    embedding_decay: float = 0.02
    target_weight: float = 1.0
    taken_weight: float = 0.5

    def __post_init__(self) -> None:
        """Refuses numbers that no training can use."""
        where = "config [ranking]"
        counts = ("dimension", "epochs", "patience", "batch_size", "negatives", "mined", "mined_rows")
        for name in (*counts, "learning_rate"):
            if not 0 < getattr(self, name) < math.inf:
                raise InputError(f"{where}, key {name}", "a number above 0", getattr(self, name))
        if not self.hidden or min(self.hidden) < 1:
            raise InputError(f"{where}, key hidden", "widths above 0", self.hidden)
        for name in ("dropout", "id_dropout", "history_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise InputError(f"{where}, key {name}", "a share from 0 up to, not including, 1", getattr(self, name))
        for name in ("embedding_decay", "target_weight", "taken_weight"):
            if not 0 <= getattr(self, name) < math.inf:
                raise InputError(f"{where}, key {name}", "a finite number from 0", getattr(self, name))
