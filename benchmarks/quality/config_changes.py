"""Configurations that differ in a few keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Config = Mapping[str, Any]


def merged(config: Config, changes: Config) -> dict[str, Any]:
    """A configuration with some keys changed or added, section by section."""
    result = {key: dict(value) if isinstance(value, Mapping) else value for key, value in config.items()}
    for key, value in changes.items():
        result[key] = {**result.get(key, {}), **value} if isinstance(value, Mapping) else value
    return result
