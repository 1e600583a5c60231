"""A browser without a network, and what goes wrong in it."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs Chromium at {CHROMIUM}")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND"]


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
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=_FLAGS)
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
