"""Which weights of a training of retrieval are kept."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from modules.next_item import NextItemRank


class BestLook(tf.keras.callbacks.EarlyStopping):
    """Stops after some looks at the eval split without a better nDCG@10 and goes back to the best one.

    Where training went to its end, the last weights stay unless they are worse by more than the standard error of what
    was measured: the learning rate has fallen by then, and an earlier look that was as good was luck (after the
    one-standard-error rule of Breiman et al., "Classification and regression trees", 1984).
    """

    def __init__(self, rank: NextItemRank, patience: int) -> None:
        """Goes by the figures that `rank` adds to the logs; it must be called before."""
        super().__init__(NextItemRank.NDCG, mode="max", patience=patience, restore_best_weights=True)
        self._rank, self._last = rank, 0.0
        self.best_weights: list[Any] | None = None

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Called by Keras."""
        super().on_epoch_end(epoch, logs)
        self._last = (logs or {}).get(NextItemRank.NDCG, 0.0)

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Called by Keras."""
        if not self.stopped_epoch and self.best - self._last <= self._rank.standard_error:
            self.best_weights = None
        if self.best_weights is not None:
            self.model.set_weights(self.best_weights)
