"""What the page knows of items and users."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from modules.errors import InputError
from playground.catalogue import Catalogue, PublishedVersion
from tests.playground.shop_root import NEWER, OLDER, SHOP, SIZE


def test_items_and_users_of_a_version(shop_root: Path) -> None:
    version = PublishedVersion.read(shop_root, NEWER)
    assert version.users == ("u0", "u1", "u2") and len(version.items) == SIZE
    assert version.stored_history("u1") == ("i4", "i5")
    assert version.stored_history("u0") == version.stored_history("u") == ()
    catalogue = version.catalogue()
    assert catalogue.titles["i7"] == "Title i7" and catalogue.pictures["i7"].startswith(b"\x89PNG")
    assert catalogue.categories["genre"]["i7"] == tuple(one.decode() for one in SHOP.genres[7])


def test_a_version_without_a_report_takes_the_newest_examples(shop_root: Path) -> None:
    assert PublishedVersion.read(shop_root, OLDER).catalogue().titles["i7"] == "Title i7"


def test_without_artifacts_there_are_ids(shop_root: Path, tmp_path: Path) -> None:
    shutil.copytree(shop_root, tmp_path / "root")
    shutil.rmtree(tmp_path / "root" / "artifacts" / "TableExampleGen")
    version = PublishedVersion.read(tmp_path / "root", NEWER)
    assert version.catalogue().titles["i7"] == "i7" and version.catalogue().pictures == {}
    assert version.stored_history("u1") == ()


def test_a_version_that_is_not_there(shop_root: Path) -> None:
    with pytest.raises(InputError, match="version 5"):
        PublishedVersion.read(shop_root, 5)


def test_search() -> None:
    titles = {"1": "Red kettle", "2": "Kettle, red, large", "3": "Blue kettle", "kettle": "Pot", "4": ""}
    catalogue = Catalogue(titles, {}, {})
    assert catalogue.search("kettle RED", 9) == ["1", "2"]
    assert catalogue.search("kettle", 2) == ["kettle", "1"]  # an id first
    assert catalogue.search("  ", 9) == catalogue.search("spoon", 9) == []
