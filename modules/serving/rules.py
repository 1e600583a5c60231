"""Rules that people set on top of the models, in a YAML file.

`deny: [item7, item9]` keeps items out of every answer. `pin: [item3]` puts items first in every answer of `recommend`,
in the order given, for whom they are eligible. `cap: {category: 2}` lets at most 2 items of a category into an answer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import yaml

from modules.errors import InputError
from modules.roles import Encoding, Roles, Table

_KEYS = ("deny", "pin", "cap")


@dataclasses.dataclass(frozen=True)
class Rules:
    """What a rules file says; without arguments, nothing.

    Attributes:
        deny: ids of items that are never returned.
        pin: ids of items that come first, in this order, unless seen, excluded, denied or unknown.
        cap: item column (categorical, possibly a list) → most items of an answer that may share a value of it. It
            yields only where fewer items than asked for would come back otherwise.
    """

    deny: tuple[str, ...] = ()
    pin: tuple[str, ...] = ()
    cap: Mapping[str, int] = dataclasses.field(default_factory=lambda: MappingProxyType({}))


def read_rules(path: str | Path | None, roles: Roles) -> Rules:
    """Reads a rules file; no path and an empty file mean no rules.

    Raises:
        InputError: the file cannot be read, or as of `parse_rules`.
    """
    if path is None:
        return Rules()
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"rules {path}", "a readable UTF-8 text file", error) from error
    return parse_rules(text, roles, str(path))


def parse_rules(text: str, roles: Roles, source: str = "rules") -> Rules:
    """Like `read_rules`, from the text of a rules file; `source` names it in errors.

    Raises:
        InputError: the text has unknown keys or wrong types, or caps a column that is not a categorical column of the
            items; the message names the file and the key.
    """
    where = f"rules {source}"
    try:
        content: object = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(where, "valid YAML", error) from error
    if content is None:
        return Rules()
    if not isinstance(content, dict):
        raise InputError(where, f"keys out of {', '.join(_KEYS)}", content)
    for key in content:
        if key not in _KEYS:
            raise InputError(f"{where}, key {key}", f"keys out of {', '.join(_KEYS)}", key)
    return Rules(
        deny=_ids(content.get("deny"), f"{where}, key deny"),
        pin=_ids(content.get("pin"), f"{where}, key pin"),
        cap=MappingProxyType(_caps(content.get("cap"), f"{where}, key cap", roles)),
    )


def categorical_item_columns(roles: Roles) -> list[str]:
    """The columns whose values can be counted in an answer."""
    return [column.name for column in roles.features(Table.ITEM) if column.encoding is Encoding.CATEGORICAL]


def _ids(value: object, where: str) -> tuple[str, ...]:
    """Item ids, each once, in the order given. YAML reads ids of digits as numbers, which are as good."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise InputError(where, "a list of item ids", repr(value))
    for one in value:
        if type(one) not in (str, int) or one == "":
            raise InputError(where, "item ids (text; quote what YAML would not read as text)", repr(one))
    return tuple(dict.fromkeys(str(one) for one in value))


def _caps(value: object, where: str, roles: Roles) -> dict[str, int]:
    """Column → most items with the same value."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InputError(where, "a mapping of item columns to whole numbers", repr(value))
    columns = categorical_item_columns(roles)
    for column, most in value.items():
        if column not in columns:
            known = ", ".join(columns) or "which this schema has none of"
            raise InputError(f"{where}.{column}", f"a categorical item column ({known})", column)
        if type(most) is not int or most < 1:
            raise InputError(f"{where}.{column}", "a whole number above 0", repr(most))
    return dict(value)
