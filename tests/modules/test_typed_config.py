"""Plain values → frozen dataclasses."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

import pytest

from modules.errors import InputError
from modules.typed_config import as_mapping, from_mapping


@dataclasses.dataclass(frozen=True)
class _Inner:
    size: int = 1

    def __post_init__(self) -> None:
        if self.size < 0:
            raise InputError("inner size", "0 or more", self.size)


@dataclasses.dataclass(frozen=True)
class _Outer:
    text: str = "t"
    flag: bool = False
    share: float = 0.5
    limit: float | None = None
    kind: Literal["a", "b"] = "a"
    names: tuple[str, ...] | None = None
    weights: dict[str, float] = dataclasses.field(default_factory=dict)
    table: Mapping[str, int] = dataclasses.field(default_factory=dict)
    inner: _Inner = dataclasses.field(default_factory=_Inner)


def test_defaults_and_every_kind_of_value() -> None:
    assert from_mapping(_Outer, {}, "config") == _Outer()
    values = {
        "text": "x",
        "flag": True,
        "share": 1,
        "limit": 2,
        "kind": "b",
        "names": ["n", "m"],
        "weights": {"view": 0, "buy": 1.5},
        "table": {"k": 3},
        "inner": {"size": 4},
    }
    found = from_mapping(_Outer, values, "config")
    assert found == _Outer("x", True, 1.0, 2.0, "b", ("n", "m"), {"view": 0.0, "buy": 1.5}, {"k": 3}, _Inner(4))
    assert isinstance(found.share, float) and isinstance(found.weights["view"], float)
    assert from_mapping(_Outer, as_mapping(found), "again") == found


def test_null_is_a_value_where_it_is_allowed() -> None:
    assert from_mapping(_Outer, {"limit": None, "names": None}, "config") == _Outer()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"txet": "x"}, r"^config: expected keys out of \['text', .*'inner'\], received unknown key \"txet\"$"),
        (
            {"inner": {"sise": 1}},
            r"^config, key inner: expected .*'size'.*, received unknown key \"sise\"$",
        ),
        ({"text": 1}, "^config, key text: expected a value of type str, received 1$"),
        ({"flag": 1}, "key flag: expected a value of type bool, received 1"),
        ({"share": True}, "key share: expected a value of type float, received True"),
        ({"share": "0.5"}, "key share: expected a value of type float, received '0.5'"),
        ({"share": 2**53}, "key share: expected a value of type float, received 9007199254740992"),
        ({"share": 10**400}, "key share: expected a value of type float, received 1000"),
        ({"limit": "x"}, "key limit: expected a value of type float"),
        ({"kind": "c"}, r"key kind: expected one of \['a', 'b'\], received 'c'"),
        ({"names": "n"}, "key names: expected a list, received 'n'"),
        ({"names": ["n", 1]}, "key names: expected a value of type str, received 1"),
        ({"weights": [1]}, r"key weights: expected a table, received \[1\]"),
        ({"weights": {"view": "x"}}, "^config, key weights.view: expected a value of type float, received 'x'$"),
        ({"inner": 3}, "^config, key inner: expected a table of keys, received 3$"),
        ({"inner": {"size": 1.5}}, "^config, key inner, key size: expected a value of type int, received 1.5$"),
        ({"inner": {"size": -1}}, "^inner size: expected 0 or more, received -1$"),
    ],
)
def test_refusals(values: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        from_mapping(_Outer, values, "config")


def test_only_a_table_will_do() -> None:
    with pytest.raises(InputError, match="config: expected a table of keys, received None"):
        from_mapping(_Outer, None, "config")
