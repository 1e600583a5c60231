"""The [serving] section."""

from __future__ import annotations

from typing import Any

import pytest

from modules.errors import InputError
from modules.serving.config import Blend, ServingConfig


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("retrieve_k", 0),
        ("retrieve_k", 1.5),
        ("retrieve_k", True),
        ("diversity", 1),
        ("diversity", -0.1),
        ("diversity", float("nan")),
        ("diversity", "0.5"),
        ("rules", 3),
        ("rules", ""),
        ("history_until", "test"),
        ("index", "scann"),
        ("index", ["exact"]),
    ],
)
def test_refuses(key: str, value: Any) -> None:
    with pytest.raises(InputError, match=rf"\[serving\] {key}: expected"):
        ServingConfig(**{key: value})


def test_depth() -> None:
    assert [ServingConfig().depth(size) for size in (10, 1000)] == [10, 200]
    assert [ServingConfig(retrieve_k=300).depth(size) for size in (10, 1000)] == [10, 300]


def test_blend() -> None:
    assert not Blend().needs_ranker
    assert Blend(0, 0, 1).needs_ranker
    for weights in ((0, 0, 0), (1, float("nan"), 0)):
        with pytest.raises(ValueError, match="weights"):
            Blend(*weights)
