"""Plain values as TOML, which Python reads but does not write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def toml_text(values: Mapping[str, Any], table: tuple[str, ...] = ()) -> str:
    """The text that `tomllib.loads` reads back as `values`.

    Args:
        values: booleans, numbers, strings, lists of them, and mappings again; keys with None are left out, since TOML
            has no way to write it.
        table: path of the table that they are in.
    """
    plain = {key: value for key, value in values.items() if value is not None and not isinstance(value, Mapping)}
    text = "".join(f"{_key(key)} = {_value(value)}\n" for key, value in plain.items())
    if table and (text or not values):
        text = f"[{'.'.join(map(_key, table))}]\n{text}"
    inner = [toml_text(value, (*table, key)) for key, value in values.items() if isinstance(value, Mapping)]
    return "\n".join(part for part in (text, *inner) if part)


def _key(name: str) -> str:
    bare = name.isascii() and name.replace("-", "_").replace("_", "a").isalnum()
    return name if bare else _value(name)


def _value(value: Any) -> str:
    """A value; JSON's numbers, booleans and strings are TOML's, but for the delete character."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
