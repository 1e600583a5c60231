"""The page's logic, without a browser."""

from __future__ import annotations

import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from playground.__main__ import APP
from tests.model_server.server import ModelServer, one_model
from tests.playground.shop_root import NEWER, OLDER, SIZE, publish, save_empty, withdraw

Open = Callable[..., AppTest]


@pytest.fixture
def open_page(shop_root: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens the page with flags."""

    def opened(root: Path = shop_root, *flags: str) -> AppTest:
        monkeypatch.setattr(sys, "argv", [str(APP), "--root", str(root), *flags])
        return AppTest.from_file(str(APP), default_timeout=120).run()

    return opened


@pytest.fixture
def own_root(shop_root: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shop_root, tmp_path / "root"))


def lists(page: AppTest, name: str = "final") -> list[str]:
    """Item ids of a list, by its buttons."""
    start = f"{name}-similar-"
    return [one.key.removeprefix(start) for one in page.button if one.key and one.key.startswith(start)]


def said(page: AppTest) -> str:
    assert not page.exception, page.exception
    return " | ".join(one.value for kind in (page.error, page.warning, page.info) for one in kind)


def press(page: AppTest, key: str) -> AppTest:
    return page.button(key=key).click().run()


def choose_own(page: AppTest) -> AppTest:
    page.radio(key="who").set_value("a history of my own").run()
    return page


def test_a_known_user(open_page: Open) -> None:
    page = open_page()
    page.selectbox(key="user").set_value("u1").run()
    final, retrieved = lists(page), lists(page, "retrieval")
    assert said(page) == "" and len(final) == len(retrieved) == 10
    assert final[0] == "i1"  # the pin of version 200
    assert not {"i4", "i5", "i0"} & {*final, *retrieved}  # seen, seen, denied
    assert any(":gray[like Title i" in one.value for one in page.markdown)
    assert [one.label for one in page.expander] == ["The stored history: 2 items, the newest first"]
    page.slider(key="k").set_value(3).run()
    assert lists(page) == final[:3]


def test_unknown_users_are_served_and_said_to_be_unknown(open_page: Open) -> None:
    page = open_page()
    page.text_input(key="user-id").set_value("who*ever").run()
    assert "User who\\*ever is unknown to version 200" in said(page)
    assert len(lists(page)) == 10


def test_a_history_by_clicking(open_page: Open) -> None:
    page = choose_own(open_page())
    assert any("history is empty" in one.value for one in page.caption)
    before = lists(page)
    page.text_input(key="search").set_value("title i7").run()
    press(page, "found-add-i7")
    page.text_input(key="search").set_value("i12").run()
    press(page, "found-add-i12")
    after = lists(page)
    assert not {"i7", "i12"} & set(after) and after != before
    assert [one.key for one in page.button if one.key and one.key.startswith("history-")] == [
        "history-remove-i12",
        "history-remove-i7",
    ]
    assert any(one.value.endswith("first: 2 items") for one in page.caption)
    press(page, "history-remove-i7")
    assert page.session_state["history"] == ["i12"]
    assert any(one.value.endswith("first: 1 item") for one in page.caption)
    press(page, "clear")
    assert lists(page) == before
    page.text_input(key="search").set_value("spoon").run()
    assert "No item is called “spoon”" in said(page)


def test_excluding(open_page: Open) -> None:
    page = open_page()
    first = lists(page)[1]
    press(page, f"final-exclude-{first}")
    assert first not in lists(page)
    press(page, f"excluded-allow-{first}")
    assert lists(page)[1] == first


def test_diversity(open_page: Open) -> None:
    page = open_page()
    before = lists(page)
    page.slider(key="diversity").set_value(0.9).run()
    assert lists(page) != before and any("preview" in one.value for one in page.caption)
    page.slider(key="diversity").set_value(0.0).run()
    assert lists(page) == before


def test_rule_files(open_page: Open, shop_root: Path, tmp_path: Path) -> None:
    (tmp_path / "pin.yaml").write_text("pin: [i9]\ndeny: [i2]\n")
    (tmp_path / "wrong.yaml").write_text("cap: {colour: 1}\n")
    page = open_page(shop_root, "--rules", str(tmp_path))
    page.slider(key="k").set_value(29).run()
    assert "i2" in lists(page)
    page.selectbox(key="rules").set_value(tmp_path / "pin.yaml").run()
    assert lists(page)[0] == "i9" and "i2" not in lists(page)
    page.selectbox(key="rules").set_value(tmp_path / "wrong.yaml").run()
    assert "expected a categorical item column (genre), received colour" in said(page)


def test_similar_items(open_page: Open) -> None:
    page = open_page()
    item = lists(page)[0]
    press(page, f"final-similar-{item}")
    near = lists(page, "similar")
    assert len(near) == 10 and item not in near
    press(page, f"similar-similar-{near[0]}")
    assert page.text_input(key="similar_to").value == near[0]
    page.text_input(key="similar_to").set_value("gone").run()
    assert "Item gone is not in the catalogue of this version" in said(page)


def test_two_versions(open_page: Open) -> None:
    page = open_page()
    assert page.selectbox(key="compared").options == ["nothing", str(OLDER)]
    page.selectbox(key="compared").set_value(OLDER).run()
    assert any(one.value.endswith("items are in both lists.") for one in page.caption)
    titles = [one.value for one in page.markdown if one.value.startswith("#### Version")]
    assert titles == [f"#### Version {OLDER}", f"#### Version {NEWER}"]
    page.selectbox(key="version").set_value(OLDER).run()
    page.slider(key="k").set_value(30).run()
    assert "i0" in lists(page)  # which the newer one denies


def test_a_version_that_is_replaced_while_the_page_is_open(open_page: Open, own_root: Path) -> None:
    page = open_page(own_root)
    publish(own_root, own_root / "drafts" / str(OLDER), 300)
    page.run()
    assert "Version 300 has replaced version 200 while this page was open" in said(page)
    assert len(lists(page)) == 10
    page.run()
    assert said(page) == ""
    page.selectbox(key="version").set_value(OLDER).run()
    withdraw(own_root, OLDER)
    page.run()
    assert f"Version {OLDER} is not there any more. Version 300 answers now." in said(page)
    for version in (NEWER, 300):
        withdraw(own_root, version)
    page.run()
    assert "There is no version at" in said(page) and lists(page) == []


def test_nothing_published(open_page: Open, tmp_path: Path) -> None:
    assert "There is no version at" in said(open_page(tmp_path))


def test_an_empty_catalogue(open_page: Open, own_root: Path) -> None:
    publish(own_root, save_empty(own_root / "drafts" / "empty"), 300)
    assert "The catalogue of version 300 is empty" in said(open_page(own_root))


def test_everything_excluded(open_page: Open) -> None:
    page = open_page()
    page.session_state["excluded"] = [f"i{number}" for number in range(SIZE)]
    page.run()
    assert "Nothing is left to recommend" in said(page)


def test_a_server_that_goes_and_comes_back(open_page: Open, shop_root: Path) -> None:
    config: Any = one_model("recommender", shop_root / "serving" / "recommender")
    with ModelServer(config, poll_seconds=3600) as server:
        page = open_page(shop_root, "--server", server.url)
        assert said(page) == "" and page.radio(key="where").value == "TensorFlow Serving"
        assert len(lists(page)) == 10 and lists(page)[0] == "i1"
        port = server.rest_port
    page.run()
    assert f"no model server at http://127.0.0.1:{port}" in said(page) and lists(page) == []
    with ModelServer(config, poll_seconds=3600, rest_port=port):
        page.run()
        assert said(page) == "" and len(lists(page)) == 10
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        page.text_input(key="url").set_value(f"http://127.0.0.1:{nobody.getsockname()[1]}").run()
    assert "no model server" in said(page)
    page.radio(key="where").set_value("this machine").run()
    assert said(page) == "" and len(lists(page)) == 10


def test_a_server_whose_versions_are_not_on_this_machine(open_page: Open, shop_root: Path, tmp_path: Path) -> None:
    with ModelServer(one_model("recommender", shop_root / "serving" / "recommender")) as server:
        page = open_page(tmp_path, "--server", server.url)
        assert "This machine has no copy of the version" in said(page)
        assert len(lists(page)) == 10
        choose_own(page)
        page.text_input(key="search").set_value("i7").run()
        press(page, "add-id")
        assert page.session_state["history"] == ["i7"] and "i7" not in lists(page)
