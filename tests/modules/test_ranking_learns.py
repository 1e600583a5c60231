"""What the ranker learns from a planted pattern, and what it cannot learn from chance."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf

from modules.column_store import Columns
from modules.negatives import HAS_NEGATIVES, NEGATIVES
from modules.rankers.judge import INTERACTIONS
from modules.ranking import train
from modules.ranking_config import RankingConfig
from modules.ranking_model import RankingModel
from modules.ranking_rows import RankingRows, user_batches
from modules.roles import WEIGHT
from modules.training_data import CANDIDATE_ROW, TrainingData
from tests.modules.rankers.planted import ITEMS, planted

CONFIG = RankingConfig(
    dimension=4, hidden=(8,), epochs=10, patience=10, batch_size=128, learning_rate=0.02, negatives=4
)
Floats = npt.NDArray[np.float32]


def _compared(columns: Columns, rng: np.random.Generator) -> Columns:
    """With negatives out of the items of the other half."""
    rows = len(columns[WEIGHT])
    negatives = 2 * rng.integers(0, ITEMS // 2, (rows, 10)) + 1 - columns["user"][:, None] % 2
    return columns | {NEGATIVES: negatives.astype(np.int32), HAS_NEGATIVES: (columns[WEIGHT] > 0).astype(np.float32)}


def _trained(data: TrainingData, config: RankingConfig = CONFIG) -> tuple[RankingModel, dict[str, list[float]]]:
    tf.keras.utils.set_random_seed(3)
    rng = np.random.default_rng(3)
    rows = RankingRows.of(data, config, 3)
    model = RankingModel(data, rows, config)
    held_out = _compared(data.eval, rng)
    return model, train(model, data, _compared(rows.columns, rng), held_out, config, 3, None)[0]


def _judged(model: RankingModel, columns: Columns) -> dict[str, Floats]:
    batch = {name: tf.constant(values) for name, values in columns.items()}
    judged = model.judge(model.query_encoder(batch), model.encode_items(batch[CANDIDATE_ROW])[:, None, :])
    return {name: values.numpy()[:, 0] for name, values in judged.items()}


@pytest.mark.parametrize("kind", INTERACTIONS)
def test_whose_half_it_is(kind: str) -> None:
    """Targets of 5 and 1, half each: who always says 3 errs by 2. Held out, and for users without an id too."""
    data = planted(np.random.default_rng(1))
    model, _ = _trained(data, RankingConfig(**{**vars(CONFIG), "kind": kind}))
    judged = _judged(model, data.eval)
    liked = data.eval["stars"] == 5
    assert np.sqrt(np.mean((judged["target"] - data.eval["stars"]) ** 2)) < 0.6
    assert judged["taken"][liked].min() > judged["taken"][~liked].max()
    strangers = _judged(model, data.eval | {"user": np.full(len(liked), 10**6)})
    assert np.sqrt(np.mean((strangers["target"] - data.eval["stars"]) ** 2)) < 1.0


def test_what_was_shown_in_vain_is_a_negative() -> None:
    """Without a target, and without anything else to compare with."""
    data = planted(np.random.default_rng(1), with_target=False)
    liked = data.eval[WEIGHT] > 0

    def log_loss(shown_weight: float) -> float:
        config = RankingConfig(**{**vars(CONFIG), "shown_weight": shown_weight, "taken_weight": 0.0})
        logits = _judged(_trained(data, config)[0], data.eval)["taken"]
        return float(np.mean(np.log1p(np.exp(np.where(liked, -logits, logits)))))

    assert log_loss(1.0) < 0.3 < 0.6 < log_loss(0.0)


@pytest.mark.parametrize("protocol", ["per_user", "next_item"])
def test_chance_cannot_be_learnt(protocol: str) -> None:
    """If an example knew its own target, by the history or the raters, the first epoch would find out."""
    data = planted(np.random.default_rng(1), random_targets=True, protocol=protocol)
    config = RankingConfig(**{**vars(CONFIG), "taken_weight": 0.0, "shown_weight": 0.0, "epochs": 2})
    model, curves = _trained(data, config)
    variance = data.train["stars"].var()
    assert curves["mean_loss"][0] > 0.9 * variance
    errors = _judged(model, data.eval)["target"] - data.eval["stars"]
    assert np.mean(errors**2) < 1.4 * variance


@pytest.mark.parametrize("protocol", ["per_user", "next_item"])
def test_an_example_knows_all_but_itself(protocol: str) -> None:
    """Its query moves with other targets of its user, not with its own."""
    data = planted(np.random.default_rng(1), random_targets=True, protocol=protocol)
    rows = RankingRows.of(data, CONFIG, 3)
    model = RankingModel(data, rows, CONFIG)
    columns = _compared(rows.columns, np.random.default_rng(1))
    batch = next(iter(user_batches(data, columns, 40, 1).dataset()))
    chosen = 7

    def encoded(stars: tf.Tensor) -> Floats:
        query: Floats = model._encode_queries(batch | {"stars": stars}, training=False).numpy()
        return query

    before = encoded(batch["stars"])
    after = encoded(tf.tensor_scatter_nd_update(batch["stars"], [[chosen]], [100.0]))
    np.testing.assert_allclose(after[chosen], before[chosen], atol=1e-4)
    others = np.flatnonzero(np.abs(after - before).max(axis=1) > 1e-2)
    same_user = np.flatnonzero(batch["user"].numpy() == batch["user"][chosen].numpy())
    later = same_user[same_user > chosen] if protocol == "next_item" else same_user[same_user != chosen]
    assert set(others) == set(later)


@pytest.mark.parametrize("protocol", ["per_user", "next_item"])
def test_histories_out_of_the_batch_are_those_of_the_examples(protocol: str) -> None:
    data = planted(np.random.default_rng(1), protocol=protocol)
    rows = RankingRows.of(data, CONFIG, 3)
    model = RankingModel(data, rows, CONFIG)
    columns = _compared(rows.columns, np.random.default_rng(1))
    for batch in user_batches(data, columns, 64, 1).dataset():
        from_batch = model._encode_queries(batch, training=False)
        np.testing.assert_allclose(from_batch, model.query_encoder(batch), rtol=1e-3, atol=1e-4)
