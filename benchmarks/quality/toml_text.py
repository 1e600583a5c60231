"""A configuration as TOML, which Python reads but does not write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Config = Mapping[str, Any]


def toml_text(config: Config) -> str:
    """The TOML text of a configuration: plain values and sections of plain values or lists of them."""
    plain = [f"{key} = {_value(value)}" for key, value in config.items() if not isinstance(value, Mapping)]
    sections = [
        "\n".join([f"\n[{name}]", *(f"{key} = {_value(value)}" for key, value in section.items())])
        for name, section in config.items()
        if isinstance(section, Mapping)
    ]
    return "\n".join([*plain, *sections]) + "\n"


def merged(config: Config, changes: Config) -> dict[str, Any]:
    """A configuration with some keys changed or added, section by section."""
    result = {key: dict(value) if isinstance(value, Mapping) else value for key, value in config.items()}
    for key, value in changes.items():
        result[key] = {**result.get(key, {}), **value} if isinstance(value, Mapping) else value
    return result


def _value(value: Any) -> str:
    return json.dumps(value)  # of texts, numbers, truth values and lists of them TOML writes the same
