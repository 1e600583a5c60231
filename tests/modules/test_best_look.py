"""Which of a training's weights stay."""

from __future__ import annotations

import pytest
import tensorflow as tf

from modules.best_look import BestLook
from modules.next_item import NextItemRank


class _Rank:
    standard_error = 0.02


@pytest.mark.parametrize(
    ("looks", "patience", "kept", "best_epoch_is_known"),
    [
        ([0.1, 0.3, 0.29], 10, 2, False),  # as good as the best within the error: the last one
        ([0.1, 0.3, 0.27], 10, 1, True),
        ([0.1, 0.3, 0.29, 0.28, 0.5], 2, 1, True),  # stopped after two looks without a better one
        ([0.1, 0.2, 0.3], 10, 2, False),
    ],
)
def test_the_end_or_the_best(looks: list[float], patience: int, kept: int, best_epoch_is_known: bool) -> None:
    """The only weight is the number of the epoch."""

    model = tf.keras.Sequential([tf.keras.layers.Embedding(1, 1, input_length=1)])
    model.build([None, 1])
    model.layers[0].embeddings.assign([[0.0]])

    class Weight(tf.keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
            self.model.layers[0].embeddings.assign([[float(epoch)]])
            logs[NextItemRank.NDCG] = looks[epoch]

    model.compile(tf.keras.optimizers.legacy.SGD(0.0), "mse")
    best = BestLook(_Rank(), patience)  # type: ignore[arg-type]
    model.fit(tf.zeros([1, 1]), tf.zeros([1, 1, 1]), epochs=len(looks), verbose=0, callbacks=[Weight(), best])
    assert model.layers[0].embeddings.numpy().item() == kept
    assert (best.best_weights is not None) == best_epoch_is_known
