"""The `[data]` section refuses values out of range."""

from __future__ import annotations

from typing import Any

import pytest

from components.source import DataConfig
from modules.errors import InputError


def test_defaults_and_sensible_values() -> None:
    assert DataConfig().max_unknown_items == 0.01
    assert DataConfig(positive_min=4, event_weights={"view": 0, "like": 2.5}, max_unknown_items=1).history_length == 500


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("positive_min", float("nan")),
        ("event_weights", {"view": -1.0}),
        ("event_weights", {"view": float("inf")}),
        ("event_weights", {"view": 0.0}),
        ("max_unknown_items", 1.1),
        ("max_unknown_items", -0.1),
        ("history_length", 0),
        ("example_history", 0),
        ("eval_fraction", 0.0),
        ("eval_fraction", 0.9),
        ("test_fraction", 1.0),
        ("partition_rows", 0),
        ("max_cell_bytes", 0),
    ],
)
def test_out_of_range(key: str, value: Any) -> None:
    with pytest.raises(InputError, match=rf"config \[data\] {key}"):
        DataConfig(**{key: value})
