"""The rules file."""

from __future__ import annotations

from pathlib import Path

import pytest

from modules.errors import InputError
from modules.roles import Column, Encoding, Part, Roles, Table
from modules.serving.rules import Rules, read_rules

ROLES = Roles(
    (
        Column("user", "bytes", part=Part.USER_ID),
        Column("item", "bytes", part=Part.ITEM_ID),
        Column("genres", "bytes", table=Table.ITEM, encoding=Encoding.CATEGORICAL, is_list=True),
        Column("price", "float", table=Table.ITEM, encoding=Encoding.CONTINUOUS),
        Column("city", "bytes", table=Table.USER, encoding=Encoding.CATEGORICAL),
    )
)


def test_reads(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text("deny: [a, 7, a]\npin:\n  - 'é'\n  - b\ncap: {genres: 2}\n", encoding="utf-8")
    rules = read_rules(path, ROLES)
    assert rules == Rules(("a", "7"), ("é", "b"), {"genres": 2})


def test_no_rules(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    for text in ("", "# nothing\n", "deny:\npin: []\ncap: {}\n"):
        path.write_text(text)
        assert read_rules(path, ROLES) == Rules()
    assert read_rules(None, ROLES) == Rules()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[a]", "rules.yaml: expected keys out of deny, pin, cap"),
        ("hide: [a]", "key hide"),
        ("1: [a]", "key 1"),
        ("deny: a", "key deny"),
        ("deny: [[a]]", "key deny"),
        ("deny: [1.5]", "key deny"),
        ("pin: ['']", "key pin"),
        ("pin: [yes]", "key pin"),
        ("cap: [genres]", "key cap"),
        ("cap: {genres: 0}", "key cap.genres"),
        ("cap: {genres: true}", "key cap.genres"),
        ("cap: {genres: two}", "key cap.genres"),
        ("cap: {price: 1}", r"key cap.price: expected a categorical item column \(genres\)"),
        ("cap: {city: 1}", "key cap.city"),
        ("cap: {nothing: 1}", "key cap.nothing"),
        ("deny: [a", "rules.yaml: expected valid YAML"),
    ],
)
def test_refuses(tmp_path: Path, text: str, where: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=where) as caught:
        read_rules(path, ROLES)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_refuses_an_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="readable UTF-8"):
        read_rules(tmp_path / "none.yaml", ROLES)
    (tmp_path / "latin.yaml").write_bytes(b"deny: [\xe9]")
    with pytest.raises(InputError, match="readable UTF-8"):
        read_rules(tmp_path / "latin.yaml", ROLES)
