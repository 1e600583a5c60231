"""A browser without a network, and what goes wrong in it."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_NOBODY = "--host-resolver-rules=MAP * ~NOTFOUND"


def find_chromium(environment: Mapping[str, str]) -> str | None:
    """What the variable CHROMIUM names, there or not; else the first Chromium on PATH, or None."""
    path = environment.get("PATH")
    return environment.get("CHROMIUM") or next(filter(None, (shutil.which(name, path=path) for name in NAMES)), None)


CHROMIUM = find_chromium(os.environ) or ""
# Where one is named nothing is skipped: without it the tests fail.
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="needs a Chromium, on PATH or named by the variable CHROMIUM")


def keep_screenshot(tab: Any, name: str) -> None:
    """Saves what a tab shows as `name`.png in the folder that the variable SCREENSHOTS names; without it, nowhere."""
    if folder := os.environ.get("SCREENSHOTS"):
        tab.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@dataclasses.dataclass
class OfflineBrowser:
    """A tab.

    Attributes:
        tab: Playwright's page.
        problems: what was written to the console, and errors of scripts.
        requests: everything the tab asked for but data URLs.
    """

    tab: Any
    problems: list[str] = dataclasses.field(default_factory=list)
    requests: list[str] = dataclasses.field(default_factory=list)

    def open(self, page: Path) -> None:
        """Opens a file."""
        self.tab.goto(page.as_uri())

    def fits(self) -> bool:
        """Whether the page is no wider than the window."""
        return bool(self.tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))

    def shown(self) -> dict[str, tuple[str, str]]:
        """By path, the exact value and the text of every <data> element of the page."""
        found = self.tab.locator("data").evaluate_all(
            "all => all.map(one => [one.dataset.path, [one.value, one.textContent]])"
        )
        return {path: (value, text) for path, (value, text) in found}


@contextlib.contextmanager
def offline_browser(width: int = 1200, height: int = 900) -> Iterator[OfflineBrowser]:
    """Starts a Chromium that reaches nobody."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, _NOBODY])
        tab = chromium.new_context(offline=True, viewport={"width": width, "height": height}).new_page()
        browser = OfflineBrowser(tab)
        tab.on("console", lambda message: browser.problems.append(message.text))
        tab.on("pageerror", lambda error: browser.problems.append(str(error)))
        tab.on("request", lambda request: browser.requests.append(request.url))
        try:
            yield browser
        finally:
            browser.requests[:] = [url for url in browser.requests if not url.startswith("data:")]
            chromium.close()
