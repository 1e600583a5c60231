"""The package `implicit`, which is optional."""

from __future__ import annotations

import importlib
from typing import Any

from modules.errors import InputError


def implicit_module(name: str) -> Any:
    """A module of `implicit`.

    Raises:
        InputError: it is not installed.
    """
    try:
        return importlib.import_module(f"implicit.{name}")
    except ImportError as error:
        raise InputError(
            "baselines ALS and BPR", "the package implicit: uv sync --group benchmarks", "not installed"
        ) from error
