"""The `[ranking]` section of the configuration."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Literal

from modules.errors import InputError


@dataclasses.dataclass(frozen=True)
class RankingConfig:
    """How the ranking model is built and trained.

    Attributes:
        kind: how a query and a candidate meet; see the modules of the same names in `rankers`.
        dimension: width of the vectors of users, items and histories.
        hidden: widths of the dense layers.
        epochs: at most; training stops early when the eval split no longer improves.
        patience: epochs without improvement before it stops.
        batch_size: interactions a step, whole users at a time. None: an eightieth of them, 1024 to 4096.
        learning_rate: of Adam, decayed along a cosine.
        negatives: items, out of those that retrieval would have returned, that each positive is compared with.
        mined: how many of retrieval's best are kept for an interaction to draw its negatives from.
        mined_rows: interactions at most for which negatives are looked up; the others learn the target alone.
        raters: users at most by whom an item is described, drawn at random.
        dropout: on the vectors and inside the dense layers.
        user_id_dropout: share of user ids hidden while training, so that new users are served well.
        item_id_dropout: the same of item ids.
        history_dropout: share of the history hidden while training.
        embedding_decay: weight of the squared length of the vectors of ids in the loss, and of those of histories and
            raters.
        target_weight: of the error of the predicted target.
        taken_weight: of "taken rather than the negatives".
        shown_weight: of "taken when it was shown".
    """

    kind: Literal["mlp", "ncf", "dlrm", "dcn"] = "mlp"
    dimension: int = 32
    hidden: tuple[int, ...] = (128, 64)
    epochs: int = 8
    patience: int = 2
    batch_size: int | None = None
    learning_rate: float = 0.002
    negatives: int = 4
    mined: int = 100
    mined_rows: int = 300_000
    raters: int = 200
    dropout: float = 0.3
    user_id_dropout: float = 0.5
    item_id_dropout: float = 0.05
    history_dropout: float = 0.0
    embedding_decay: float = 0.2
    target_weight: float = 1.0
    taken_weight: float = 0.5
    shown_weight: float = 0.5

    def __post_init__(self) -> None:
        """Refuses numbers that no training can use."""
        where = "config [ranking]"
        counts = ("dimension", "epochs", "patience", "batch_size", "negatives", "mined", "mined_rows", "raters")
        for name in (*counts, "learning_rate"):
            if getattr(self, name) is not None and not 0 < getattr(self, name) < math.inf:
                raise InputError(f"{where}, key {name}", "a number above 0", getattr(self, name))
        if not self.hidden or min(self.hidden) < 1:
            raise InputError(f"{where}, key hidden", "widths above 0", self.hidden)
        for name in ("dropout", "user_id_dropout", "item_id_dropout", "history_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise InputError(f"{where}, key {name}", "a share from 0 up to, not including, 1", getattr(self, name))
        for name in ("embedding_decay", "target_weight", "taken_weight", "shown_weight"):
            if not 0 <= getattr(self, name) < math.inf:
                raise InputError(f"{where}, key {name}", "a finite number from 0", getattr(self, name))

    def architecture(self, schema: str) -> dict[str, Any]:
        """What must be the same for a model to take another one's weights; `schema` is its digest."""
        return {"schema": schema, "kind": self.kind, "dimension": self.dimension, "hidden": list(self.hidden)}

    def batch_for(self, rows: int) -> int:
        """Interactions a step, out of so many in the train split."""
        return self.batch_size or min(max(rows // 80, 1024), 4096)
