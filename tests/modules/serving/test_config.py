"""The [serving] section."""

from __future__ import annotations

from typing import Any

import pytest

from modules.errors import InputError
from modules.roles import parse_roles
from modules.serving.config import Blend, ServingConfig
from tests import gadgets


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
        ("calibration", 1),
        ("calibration", "0.5"),
        ("exploration", 1.0),
        ("exploration", -0.5),
        ("exploration_below", 0),
        ("exploration_below", 2.5),
        ("rules", 3),
        ("rules", ""),
        ("history_until", "test"),
    ],
)
def test_refuses(key: str, value: Any) -> None:
    with pytest.raises(InputError, match=rf"\[serving\] {key}: expected"):
        ServingConfig(**{key: value})


def test_calibration_needs_a_categorical_item_column() -> None:
    with pytest.raises(InputError, match=r"\[serving\] calibrated: expected the item column.*none"):
        ServingConfig(calibration=0.2)
    roles = parse_roles(gadgets.SCHEMA)
    ServingConfig(calibration=0.2, calibrated="genres").check(roles)
    ServingConfig().check(roles)
    for column in ("city", "title", "nothing"):
        with pytest.raises(InputError, match=r"\[serving\] calibrated: expected a categorical item column \(.*genres"):
            ServingConfig(calibrated=column).check(roles)


def test_depth() -> None:
    assert [ServingConfig().depth(size) for size in (10, 1000)] == [10, 200]
    assert [ServingConfig(retrieve_k=300).depth(size) for size in (10, 1000)] == [10, 300]


def test_blend() -> None:
    assert not Blend().needs_ranker
    assert Blend(0, 0, 1).needs_ranker
    assert not Blend(1, 0, 0, -0.5, 0.5).needs_ranker
    for weights in ((0, 0, 0, 0), (1, float("nan"), 0, 0), (1, 0, 0, float("inf")), (1, 0, 0, 0, float("nan"))):
        with pytest.raises(ValueError, match="weights"):
            Blend(*weights)
