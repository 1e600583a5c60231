"""The `[retrieval]` and `[ranking]` sections."""

from __future__ import annotations

from typing import Any

import pytest

from modules.errors import InputError
from modules.ranking_config import RankingConfig
from modules.retrieval_config import RetrievalConfig


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


def test_some_eighty_batches_an_epoch() -> None:
    config = RetrievalConfig()
    assert [config.batch_for(rows) for rows in (1, 10_000, 80_000, 10**9)] == [128, 128, 1000, 4096]
    assert RetrievalConfig(batch_size=7).batch_for(80_000) == 7
