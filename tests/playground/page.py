"""The page, served as `make demo` does, in a tab of a browser."""

from __future__ import annotations

import contextlib
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

from tests.browser import CHROMIUM, FLAGS, keep_screenshot

PROJECT = Path(__file__).parents[2]


def free_port() -> int:
    """A port of this machine that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextlib.contextmanager
def served_page(log: Path, *flags: object) -> Iterator[str]:
    """The page's address; what it writes goes to `log`."""
    port = free_port()
    command = [sys.executable, "-m", "playground", *flags, "--port", port, "--headless"]
    with (
        log.open("w") as output,
        subprocess.Popen([*map(str, command)], cwd=PROJECT, stdout=output, stderr=output) as process,
    ):
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait_for(url: str, process: subprocess.Popen[bytes], seconds: float = 120) -> None:
    began = time.monotonic()
    while time.monotonic() - began < seconds and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise AssertionError("the page does not start")


class Page:
    """The page in a tab.

    Attributes:
        tab: Playwright's page.
        problems: errors and warnings on the console, and errors of scripts.
        hosts: whom the tab asked.
    """

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

    def sees_no_more(self, text: str) -> None:
        self.tab.get_by_text(text).first.wait_for(state="hidden")
        self.settle()

    def settle(self) -> None:
        """Until Streamlit has run the script."""
        self.tab.wait_for_timeout(400)
        self.tab.locator('[data-test-script-state="notRunning"]').first.wait_for(state="attached")

    def final(self) -> list[str]:
        """Item ids of the final order."""
        self.settle()
        return self._ids(self.tab.locator('[data-testid="stColumn"]').filter(has_text="Final order").last)

    def buttons(self, name: str) -> int:
        """How many buttons are called so."""
        self.settle()
        return int(self.tab.get_by_role("button", name=name, exact=True).count())

    def _ids(self, place: Any) -> list[str]:
        return [str(text) for text in place.locator("code").all_inner_texts()]

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

    def keep(self, name: str) -> None:
        """Saves a screenshot where one is asked for."""
        self.settle()
        keep_screenshot(self.tab, f"playground-{name}")


@contextlib.contextmanager
def opened(address: str) -> Iterator[Page]:
    """The page in a browser of its own; nothing may go wrong in it, and nobody but this machine be asked."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = Page(chromium.new_page(viewport={"width": 1400, "height": 1600}))
        try:
            page.tab.goto(address)
            yield page
        except Exception:
            page.keep("failed")
            raise
        finally:
            chromium.close()
    assert page.problems == []
    assert page.hosts == {"127.0.0.1"}
