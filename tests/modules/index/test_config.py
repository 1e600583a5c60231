"""The section [index]."""

from __future__ import annotations

from typing import Any

import pytest

from modules.errors import InputError
from modules.index.config import IndexConfig


@pytest.mark.parametrize(
    ("key", "value"),
    [("recall_target", 0.0), ("recall_target", 1.01), ("recall_target", float("nan")), ("exact_up_to", -1)],
)
def test_refuses(key: str, value: Any) -> None:
    with pytest.raises(InputError, match=rf"\[index\], key {key}: expected"):
        IndexConfig(**{key: value})
