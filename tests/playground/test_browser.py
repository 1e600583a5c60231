"""Every control of the page once, in a browser; no message on its console, no request to another machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.browser import needs_chromium
from tests.model_server.server import ModelServer, one_model
from tests.playground.page import free_port, opened, served_page
from tests.playground.shop_root import NEWER, OLDER, publish, withdraw

pytestmark = needs_chromium


@pytest.fixture
def root(shop_root: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shop_root, tmp_path / "root"))


def test_every_control_once(root: Path, tmp_path: Path) -> None:
    (tmp_path / "pin.yaml").write_text("pin: [i9]\n")
    with (
        served_page(tmp_path / "page.log", "--root", root, "--rules", tmp_path) as address,
        opened(address) as page,
    ):
        page.sees("Final order")
        before = page.final()
        assert len(before) == 10 and before[0] == "i1"
        page.tab.locator("img").nth(19).wait_for()  # of ten items in two lists
        assert page.tab.locator("img").evaluate_all("all => all.every(one => one.complete && one.naturalWidth > 0)")

        page.choose("A known user", "u1")
        page.sees("The stored history: 2 items, the newest first")
        page.keep("user")
        page.fill("or any id", "stranger")
        page.sees("User stranger is unknown to version 200")
        page.fill("or any id", "")
        page.pick("a history of my own")
        for item in ("i7", "i12"):
            page.fill("Search items by title, or type an id", f"title {item}")
            page.press("add")
        assert not {"i7", "i12"} & set(page.final())
        page.keep("history")
        page.press("remove")  # the newest: i12
        page.sees("The history, the newest first: 1 item")
        assert page.buttons("remove") == 1 and "i7" not in page.final()
        page.press("exclude", 10)  # the first of the final order
        page.sees("Excluded")
        page.press("allow")
        page.press("similar", 10)
        page.sees("Like Title i1")
        page.fill("Of which item?", "i5")
        page.sees("Like Title i5")
        page.fill("Of which item?", "i99")
        page.sees("Item i99 is not in the catalogue of this version")
        page.press("Clear the history")
        page.sees("The history is empty")

        slider = page.tab.get_by_role("slider", name="Items")
        slider.press("ArrowLeft")
        assert len(page.final()) == 9
        page.tab.get_by_role("slider", name="Diversity").press("ArrowRight")
        page.sees("The final order is a preview")
        page.choose("Rule file", "pin.yaml")
        assert page.final()[0] == "i9"
        page.choose("Rule file", "none")
        page.choose("Compare with", str(OLDER))
        page.sees("items are in both lists.")
        page.keep("versions")
        page.choose("Compare with", "nothing")
        page.sees_no_more("items are in both lists.")

        # Replaced, then gone, while the page is open and nobody clicks.
        publish(root, root / "drafts" / str(OLDER), 300)
        page.sees("The versions have changed: now there are 300, 200, 100.")
        page.press("Show what there is now")
        page.sees("Version 300 has replaced version 200 while this page was open.")
        page.choose("Version", str(NEWER))
        page.sees_no_more("Version 300 has replaced")
        withdraw(root, NEWER)
        page.sees("The versions have changed: now there are 300, 100.")

        with ModelServer(one_model("recommender", root / "serving" / "recommender")) as server:
            page.pick("TensorFlow Serving")
            page.sees("no model server at http://localhost:8501")
            page.fill("Address of its REST interface", server.url)
            assert len(page.final()) == 9
        page.sees(f"no model server at {server.url}")
        page.pick("this machine")
        assert len(page.final()) == 9


def test_a_server_whose_versions_this_machine_has_no_copy_of(root: Path, tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (
        served_page(tmp_path / "page.log", "--root", tmp_path / "none", "--server", url) as address,
        opened(address) as page,
    ):
        page.sees(f"no model server at {url}")
        page.press("Try again")
        page.sees(f"no model server at {url}")
        page.keep("down")
        with ModelServer(one_model("recommender", root / "serving" / "recommender"), rest_port=port):
            page.press("Try again")
            page.sees("This machine has no copy of the version")
            assert page.buttons("Try again") == 0
            before = page.final()
            assert len(before) == 10

            page.pick("a history of my own")
            page.fill("Search items by title, or type an id", before[1])
            page.press("Add this id")
            page.sees("The history, the newest first: 1 item")
            assert before[1] not in page.final()
            page.keep("server")
            page.press("remove")
            assert page.final() == before
