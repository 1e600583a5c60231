"""The page: same numbers as scorecard.json, no markup from data, no request, no error in a browser."""

from __future__ import annotations

import html.parser
import json
import re
from pathlib import Path
from typing import Any

import pytest

from components.report.folder import write_report
from components.report.page import render_page
from components.report.scorecard import Run, Scorecard
from components.report.wording import number, seconds

CHROMIUM = Path("/usr/bin/chromium")


class Numbers(html.parser.HTMLParser):
    """Collects every <data> element: path, exact value, and the text that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []
        self.tags: set[str] = set()
        self._open: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "data":
            values = dict(attrs)
            self._open = (values["data-path"] or "", values["value"] or "")

    def handle_data(self, data: str) -> None:
        if self._open:
            self.found.append((*self._open, data))
            self._open = None


def parse(page: str) -> Numbers:
    numbers = Numbers()
    numbers.feed(page)
    return numbers


def lookup(values: Any, path: str) -> Any:
    for key in path.split("/"):
        values = values[int(key)] if isinstance(values, list) else values.get(key)
    return values


def test_numbers_equal_the_json(full: Scorecard) -> None:
    values = json.loads(full.to_json())
    found = parse(render_page(full)).found
    for path, exact, shown in found:
        expected = lookup(values, path)
        assert exact == ("" if expected is None else str(expected)), path
        assert shown == (seconds if path.startswith("components/") else number)(expected), path
    paths = {path for path, _, _ in found}
    for split in ("eval", "test"):
        for system, metrics in values["metrics"][split].items():
            assert {f"metrics/{split}/{system}/{name}" for name in metrics if name != "queries"} <= paths
    assert {"data/rows/items", "gates/1/value", "index/p50 ms", "components/3/seconds", "ranking/eval/rmse"} <= paths
    assert {f"slices/test/{place}/metrics/ndcg@10" for place in range(5)} <= paths
    assert {"run/best_achievable/test/ndcg@10"} <= paths


def test_titles_are_text(full: Scorecard) -> None:
    page = render_page(full)
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;" in page
    assert not {"script", "img", "iframe"} & parse(page).tags


def test_refers_to_nothing_outside(full: Scorecard, refused: Scorecard) -> None:
    for card in (full, refused):
        page = render_page(card)
        assert "http://" not in page
        assert "https://" not in page
        assert "@import" not in page
        assert not re.findall(r"url\(", page)
        assert set(re.findall(r'(?:src|href)="([^"]*)"', page)) <= {"data:,", "../index.html", "scorecard.json"}


def test_refused_says_by_how_much(refused: Scorecard) -> None:
    page = render_page(refused)
    assert "Not pushed: refused by retrieval ndcg@10" in page
    assert "0.0210 against a limit of 0.0500, off by 0.0290 (58%) – the least" in page
    assert "Quality on" not in page


def test_a_run_that_knows_nothing_has_a_page() -> None:
    page = render_page(Scorecard(run=Run("r", "2024-01-01T00:00:00+00:00", "failed")))
    assert "Failed: the run did not reach its end" in page


def test_odd_parts_are_drawn() -> None:
    card = Scorecard(
        run=Run("r", "2024-01-01T00:00:00+00:00", "failed"),
        metrics={"test": {"retrieval": {"mrr": float("nan")}, "another": {}}, "eval": {}},
        ranking={"eval": {"auc": 0.5}},
        slices={"test": []},
        curves={"retrieval": {"loss": []}, "ranking": {}, "third": {"loss": [1.0], "val_loss": [float("nan")]}},
        index={"kind": "exact", "recall": None},
    )
    assert '<data value="" data-path="metrics/test/retrieval/mrr">–</data>' in render_page(card)


@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs Chromium at {CHROMIUM}")
def test_in_a_browser(full: Scorecard, refused: Scorecard, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    pages = [write_report(tmp_path, full), write_report(tmp_path, refused), tmp_path / "index.html"]
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        tab = browser.new_page(viewport={"width": 1200, "height": 900})
        problems: list[str] = []
        requests: list[str] = []
        tab.on("console", lambda message: problems.append(message.text))
        tab.on("pageerror", lambda error: problems.append(str(error)))
        tab.on("request", lambda request: requests.append(request.url))
        for page in pages:
            tab.goto(page.as_uri())
            tab.screenshot(path=str(tmp_path / f"{page.parent.name}.png"), full_page=True)
            assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page
        links = tab.locator("table a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        browser.close()
    assert not problems
    assert [url for url in requests if not url.startswith("data:")] == [page.as_uri() for page in pages]
    assert links == ["r2/index.html", "2024-05-06T02-00-11/index.html"]
