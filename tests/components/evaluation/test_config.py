"""The [evaluation] section and the choice of slices."""

from __future__ import annotations

from typing import Any

import pytest

from components.evaluation.config import EvaluationConfig
from components.evaluation.slices import slice_columns
from modules.errors import InputError
from modules.roles import Roles, parse_roles


def schema(*features: str) -> Roles:
    """Each feature as "name TYPE tag tag"."""
    text = ""
    for feature in ("u BYTES user_id", "i BYTES item_id", *features):
        name, kind, *tags = feature.split()
        annotation = " ".join(f'tag: "{tag}"' for tag in tags)
        text += f'feature {{ name: "{name}" type: {kind} annotation {{ {annotation} }} }}\n'
    return parse_roles(text)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("max_queries", 0),
        ("ks", ()),
        ("ks", (0, 10)),
        ("protocol", "leave_one_out"),
    ],
)
def test_values_out_of_range_are_refused(key: str, value: Any) -> None:
    with pytest.raises(InputError, match=rf"\[evaluation\] {key}: expected"):
        EvaluationConfig(**{key: value})


def test_protocol() -> None:
    timed, ids = schema("t INT time"), schema()
    split = schema("t INT time", "s BYTES split")
    assert EvaluationConfig().resolved_protocol(timed) == "next_item"
    assert EvaluationConfig().resolved_protocol(ids) == "per_user"
    assert EvaluationConfig().resolved_protocol(split) == "per_user"
    assert EvaluationConfig(protocol="next_item").resolved_protocol(split) == "next_item"
    assert EvaluationConfig(protocol="per_user").resolved_protocol(timed) == "per_user"
    with pytest.raises(InputError, match="no time column"):
        EvaluationConfig(protocol="next_item").resolved_protocol(ids)


SHOP = schema(
    "age INT user continuous",
    "city BYTES user categorical",
    "zip BYTES user categorical",
    "hobbies BYTES user categorical list",
    "plan BYTES user categorical",
    "device BYTES context categorical",
    "weekday INT context categorical",
    "brand BYTES item categorical",
)


def test_automatic_slices_are_the_first_three_with_few_values() -> None:
    values = {"city": 30, "zip": 31, "hobbies": 4, "plan": 2, "device": 3, "weekday": 7, "brand": 5, "age": 9}
    assert slice_columns(SHOP, None, values) == ("city", "plan", "device")
    assert slice_columns(SHOP, None, {**values, "plan": 1}) == ("city", "device", "weekday")
    assert slice_columns(SHOP, None) == ()


def test_configured_slices() -> None:
    assert slice_columns(SHOP, ("zip", "hobbies", "zip")) == ("zip", "hobbies")
    assert slice_columns(SHOP, ()) == ()
    for name in ("brand", "colour", "u"):
        with pytest.raises(InputError, match=r"\[evaluation\] slices: .*city, zip"):
            slice_columns(SHOP, (name,))
