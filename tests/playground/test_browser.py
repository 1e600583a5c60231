"""Every control of the page once, in a browser; no message on its console, no request to another machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import CHROMIUM, needs_chromium
from tests.model_server.server import ModelServer, one_model
from tests.playground.shop_root import NEWER, OLDER, publish, withdraw

PROJECT = Path(__file__).parents[2]
pytestmark = needs_chromium


@pytest.fixture
def root(shop_root: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shop_root, tmp_path / "root"))


@pytest.fixture
def address(root: Path, tmp_path: Path) -> Iterator[str]:
    """Of the page, served as `make demo` does."""
    (tmp_path / "pin.yaml").write_text("pin: [i9]\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "playground", "--root", root, "--rules", tmp_path, "--port", port, "--headless"]
    with (
        (tmp_path / "page.log").open("w") as log,
        subprocess.Popen([*map(str, command)], cwd=PROJECT, stdout=log, stderr=log, env=dict(os.environ)) as process,
    ):
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def wait_for(url: str, process: subprocess.Popen[bytes], seconds: float = 120) -> None:
    began = time.monotonic()
    while time.monotonic() - began < seconds and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise AssertionError("the page does not start")


class Page:
    """The page in a tab."""

    def __init__(self, tab: Any) -> None:
        self.tab = tab
        self.problems: list[str] = []
        self.hosts: set[str | None] = set()
        tab.set_default_timeout(90_000)
        tab.on("console", lambda message: self._said(message.type, message.text))
        tab.on("pageerror", lambda error: self.problems.append(str(error)))
        tab.on("request", lambda request: self._asked(request.url))
        tab.on("websocket", lambda channel: self._asked(channel.url))

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.problems.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith(("data:", "blob:")):
            self.hosts.add(urllib.parse.urlsplit(url).hostname)

    def sees(self, text: str) -> None:
        self.tab.get_by_text(text).first.wait_for()

    def settle(self) -> None:
        """Until Streamlit has run the script."""
        self.tab.wait_for_timeout(400)
        self.tab.locator('[data-test-script-state="notRunning"]').first.wait_for(state="attached")

    def final(self) -> list[str]:
        """Item ids of the final order."""
        self.settle()
        column = self.tab.locator('[data-testid="stColumn"]').filter(has_text="Final order").last
        return [str(text) for text in column.locator("code").all_inner_texts()]

    def choose(self, label: str, option: str) -> None:
        self.tab.get_by_role("combobox", name=label).first.click()
        self.tab.get_by_role("option", name=option, exact=True).click()
        self.settle()

    def fill(self, label: str, text: str) -> None:
        field = self.tab.get_by_label(label).first
        field.fill(text)
        field.press("Enter")
        self.settle()

    def press(self, name: str, number: int = 0) -> None:
        self.tab.get_by_role("button", name=name, exact=True).nth(number).click()
        self.settle()

    def pick(self, name: str) -> None:
        self.tab.get_by_text(name, exact=True).first.click()
        self.settle()


def test_every_control_once(address: str, root: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        page = Page(chromium.new_page(viewport={"width": 1400, "height": 1600}))
        page.tab.goto(address)
        page.sees("Final order")
        before = page.final()
        assert len(before) == 10 and before[0] == "i1"
        page.tab.locator("img").nth(19).wait_for()  # of ten items in two lists
        assert page.tab.locator("img").evaluate_all("all => all.every(one => one.complete && one.naturalWidth > 0)")

        page.choose("A known user", "u1")
        page.sees("The stored history: 2 items, the newest first")
        page.fill("or any id", "stranger")
        page.sees("User stranger is unknown to version 200")
        page.fill("or any id", "")
        page.pick("a history of my own")
        page.fill("Search items by title, or type an id", "title i7")
        page.press("add")
        assert "i7" not in page.final()
        page.press("exclude", 10)  # the first of the final order
        page.sees("Excluded")
        page.press("allow")
        page.press("similar", 10)
        page.sees("Like Title i1")
        page.press("Clear the history")

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
        page.choose("Compare with", "nothing")

        # Replaced, then gone, while the page is open and nobody clicks.
        publish(root, root / "drafts" / str(OLDER), 300)
        page.sees("The versions have changed: now there are 300, 200, 100.")
        page.press("Show what there is now")
        page.sees("Version 300 has replaced version 200 while this page was open.")
        page.choose("Version", str(NEWER))
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

        chromium.close()
    assert page.problems == []
    assert page.hosts == {"127.0.0.1"}
