"""TOML as it is written."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from modules.toml_text import toml_text

texts = st.text(st.characters(exclude_categories=["Cs"]))
scalars: st.SearchStrategy[Any] = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | texts
values = st.recursive(scalars | st.lists(scalars), lambda inner: st.dictionaries(texts, inner), max_leaves=20)


@given(st.dictionaries(texts, values))
def test_it_is_read_back(table: dict[str, Any]) -> None:
    assert tomllib.loads(toml_text(table)) == table


def test_what_it_looks_like() -> None:
    found = toml_text({"a": 1, "none": None, "t": {"b": 1e-05, "u": {"x y": [True, 'say "no"']}, "empty": {}}})
    assert found == 'a = 1\n\n[t]\nb = 1e-05\n\n[t.u]\n"x y" = [true, "say \\"no\\""]\n\n[t.empty]\n'
