"""The `[retrieval]` and `[ranking]` sections."""

from __future__ import annotations

from typing import Any

import pytest

from modules.errors import InputError
from modules.ranking_config import RankingConfig
from modules.retrieval_config import LossName, RetrievalConfig
from modules.retrieval_plan import DataSize, RetrievalPlan, open_losses


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        (RetrievalConfig, "dimension", 0),
        (RetrievalConfig, "batch_size", 0),
        (RetrievalConfig, "temperature", 0.0),
        (RetrievalConfig, "learning_rate", float("nan")),
        (RetrievalConfig, "history_dropout", 1.0),
        (RetrievalConfig, "user_id_dropout", -0.1),
        (RankingConfig, "negatives", 0),
        (RankingConfig, "hidden", ()),
        (RankingConfig, "hidden", (64, 0)),
        (RankingConfig, "dropout", 1.0),
        (RankingConfig, "taken_weight", -1.0),
        (RankingConfig, "target_weight", float("nan")),
    ],
)
def test_refused(kind: type, key: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"key {key}"):
        kind(**{key: value})


@pytest.mark.parametrize(
    ("tower", "loss"),
    [
        ("mf", "softmax"),
        ("features", "squared_error"),
        ("transformer", "squared_error"),
        ("gru", "fold_in"),
    ],
)
def test_a_loss_that_the_tower_cannot_learn_by(tower: Any, loss: Any) -> None:
    with pytest.raises(InputError, match="key loss"):
        RetrievalConfig(query_tower=tower, loss=loss)


def test_some_eighty_batches_an_epoch() -> None:
    sizes = [RetrievalPlan.of(RetrievalConfig(), DataSize(10, 30_000, rows)) for rows in (1, 10_000, 80_000, 10**9)]
    assert [plan.batch_size for plan in sizes] == [128, 128, 1000, 4096]
    assert RetrievalPlan.of(RetrievalConfig(batch_size=7), DataSize(10, 30_000, 80_000)).batch_size == 7


@pytest.mark.parametrize(
    ("tower", "size", "losses"),
    [
        ("history", DataSize(1000, 2000, 10**5, in_order=False), ("squared_error", "softmax")),
        ("history", DataSize(1000, 2000, 10**5, in_order=True), ("in_batch", "softmax", "squared_error")),
        ("history", DataSize(1000, 6000, 10**5, in_order=False), ("squared_error", "softmax")),
        ("history", DataSize(20_000, 2000, 10**6, in_order=False), ("squared_error", "softmax")),
        ("history", DataSize(200_000, 2000, 10**6, in_order=False), ("in_batch",)),
        ("transformer", DataSize(1000, 2000, 10**5), ("softmax",)),
        ("transformer", DataSize(1000, 30_000, 10**5), ("in_batch",)),
        ("mf", DataSize(1000, 2000, 10**5, in_order=False), ("in_batch",)),
    ],
)
def test_the_losses_that_the_data_leave_open(tower: Any, size: DataSize, losses: tuple[LossName, ...]) -> None:
    config = RetrievalConfig(query_tower=tower)
    assert open_losses(config, size) == losses
    plan = RetrievalPlan.of(config, size)
    assert plan.loss == losses[0]
    assert plan.learns_from_sets == (tower == "history" and plan.loss != "in_batch")
    assert plan.learns_from_sequences == (tower == "transformer")
    assert open_losses(RetrievalConfig(loss="in_batch", query_tower=tower), size) == ("in_batch",)


def test_users_are_solved_for_some_at_a_time() -> None:
    sizes = [DataSize(users, 2000, 10**5) for users in (1, 100, 10_000)]
    plans = [RetrievalPlan.of(RetrievalConfig(loss="fold_in"), size) for size in sizes]
    assert [(plan.batch_size, plan.epochs) for plan in plans] == [(1, 150), (100, 150), (2000, 50)]
    assert all(plan.solves_for_users and not plan.learns_from_sets for plan in plans)


def test_ids_are_hidden_where_other_columns_can_speak() -> None:
    sizes = [DataSize(10, 100, 1000, items_are_described=described) for described in (True, False)]
    assert [RetrievalPlan.of(RetrievalConfig(), size).item_id_dropout for size in sizes] == [0.1, 0.0]
    assert RetrievalPlan.of(RetrievalConfig(item_id_dropout=0.3), sizes[1]).item_id_dropout == 0.3
