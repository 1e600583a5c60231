"""Turns a table of plain values (from TOML or JSON) into a frozen dataclass, refusing what does not fit."""

from __future__ import annotations

import collections.abc
import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from modules.errors import InputError

T = TypeVar("T")


def from_mapping(kind: type[T], values: object, where: str) -> T:
    """Builds `kind`, a dataclass whose fields are scalars, tuples, mappings or such dataclasses again.

    Args:
        kind: the dataclass; every field has a default.
        values: a mapping of field names to values; unknown names are refused.
        where: how to call the place in an error, such as "config [data]".

    Raises:
        InputError: an unknown key, or a value of another type than its field's.
    """
    if not isinstance(values, Mapping):
        raise InputError(where, "a table of keys", repr(values))
    hints = typing.get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    for key in values:
        if key not in names:
            raise InputError(where, f"keys out of {names}", f'unknown key "{key}"')
    return kind(**{key: _convert(hints[key], value, f"{where}, key {key}") for key, value in values.items()})


def _convert(hint: Any, value: object, where: str) -> Any:
    """`value` as the type `hint`, without ever guessing: only an int is taken for a float."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return from_mapping(hint, value, where)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        if value is None:
            return None
        return _convert(next(a for a in arguments if a is not type(None)), value, where)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise InputError(where, "a list", repr(value))
        return tuple(_convert(arguments[0], element, where) for element in value)
    if origin in (dict, collections.abc.Mapping):
        if not isinstance(value, Mapping):
            raise InputError(where, "a table", repr(value))
        return {key: _convert(arguments[1], element, f"{where}.{key}") for key, element in value.items()}
    if origin is typing.Literal:
        if value not in arguments:
            raise InputError(where, f"one of {list(arguments)}", repr(value))
        return value
    if hint is float and type(value) is int and abs(value) < 2**53:  # beyond, a float is another number
        return float(value)
    if type(value) is not hint:
        raise InputError(where, f"a value of type {hint.__name__}", repr(value))
    return value


def as_mapping(config: object) -> dict[str, Any]:
    """The plain values of a config dataclass: what `from_mapping` reads back."""
    return dataclasses.asdict(config)  # type: ignore[call-overload]


def as_json(config: object) -> str:
    """The same as JSON; equal configurations give equal text."""
    return json.dumps(as_mapping(config), sort_keys=True)
