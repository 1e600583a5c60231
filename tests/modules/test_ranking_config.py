"""The `[ranking]` section beyond what both trainers share."""

from __future__ import annotations

from typing import Any

import pytest

from modules.errors import InputError
from modules.ranking_config import RankingConfig
from modules.typed_config import from_mapping


@pytest.mark.parametrize(
    ("key", "value"),
    [("raters", 0), ("batch_size", 0), ("user_id_dropout", 1.0), ("shown_weight", float("inf")), ("kind", "fm")],
)
def test_refused(key: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"key {key}"):
        from_mapping(RankingConfig, {key: value}, "config [ranking]")


def test_larger_batches_of_more_rows() -> None:
    assert [RankingConfig().batch_for(rows) for rows in (1, 80_000, 160_000, 10**9)] == [1024, 1024, 2000, 4096]
    assert RankingConfig(batch_size=7).batch_for(80_000) == 7
