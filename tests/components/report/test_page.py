"""The page: same numbers as scorecard.json, no markup from data, no request, no error in a browser."""

from __future__ import annotations

import dataclasses
import html.parser
import json
import re
from pathlib import Path
from typing import Any

from components.report.contents import curve_groups
from components.report.folder import write_report
from components.report.page import render_page
from components.report.run import Refusal, Run
from components.report.scorecard import Scorecard
from components.report.wording import number, seconds
from tests.browser import keep_screenshot, needs_chromium, offline_browser


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
    assert {"drifts/0/value", "drifts/2/limit", "comparisons/1/baseline", "outputs/0/id"} <= paths
    assert {"intervals/test/recommender/ndcg@10/0", "intervals/test/popularity/ndcg@10/1"} <= paths
    assert {f"slices/test/{place}/metrics/ndcg@10" for place in range(5)} <= paths
    assert {"run/best_achievable/test/ndcg@10"} <= paths


def test_what_diversity_costs(full: Scorecard) -> None:
    page = render_page(full)
    found = {path for path, _, _ in parse(page).found}
    assert {f"diversity/{place}/{name}" for place in range(3) for name in full.diversity[0]} <= found
    assert page.count('<circle class="dot0" cx="') >= 2
    assert 'points="0.0,0.0 350.0,135.0 "' in page  # the accurate one upper left, the varied one lower right


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
        assert set(re.findall(r'(?:src|href)="([^"]*)"', page)) <= {
            "data:,",
            "../index.html",
            "scorecard.json",
            "data.html",
        }


def test_findings_about_the_data(full: Scorecard) -> None:
    page = render_page(full)
    assert "Unexpected string values" in page
    assert page.count("Column dropped") == 5  # six findings are shown
    assert "and 2 more" in page
    assert "drifts/1/value" not in page  # the same column moved further in test
    assert page.index("drifts/2/value") < page.index("drifts/0/value")  # what has a limit comes first


def test_beside_the_published_models(full: Scorecard) -> None:
    page = render_page(full)
    assert "<td>+0.0031 (+6.2%)</td>" in page  # 0.0531 - 0.05
    assert "<td>+0.8812</td>" in page


def test_intervals_have_room_in_the_bars(full: Scorecard) -> None:
    card = dataclasses.replace(full, run=dataclasses.replace(full.run, best_achievable=None))
    # The recommender's 0.0312345 × 1.7 = 0.0531 of 0.056, the upper end of its interval, whose lower end is 0.05.
    assert '<rect class="recommender" width="94.82" height="10"/>' in render_page(card)
    assert '<rect class="whisker" x="89.29" y="4" width="10.71" height="2"/>' in render_page(card)


def test_samples_say_why(full: Scorecard) -> None:
    assert render_page(full).count('<span class="because">like <bdi>The Thin Man (1934)</bdi></span>') == 10


def test_losses_have_an_axis_of_their_own() -> None:
    assert curve_groups({"loss": [2.0], "val_ndcg@10": [0.1], "val_loss": [1.0]}) == [
        {"loss": [2.0], "val_loss": [1.0]},
        {"val_ndcg@10": [0.1]},
    ]
    assert curve_groups({"auc": [0.5]}) == [{"auc": [0.5]}]


def test_refused_says_by_how_much(refused: Scorecard) -> None:
    page = render_page(refused)
    assert "Not pushed: refused by retrieval ndcg@10" in page
    numbers = {(path, exact) for path, exact, _ in parse(page).found}
    assert numbers == {("run/refused/0/value", "0.021"), ("run/refused/0/limit", "0.05")}
    text = re.sub(r"<[^>]*>", "", page)
    assert "retrieval ndcg@10: 0.0210 against a limit of 0.0500, off by 0.0290 (58%) – the least that" in text
    assert text.index("off by") < text.index("Lineage")


def test_a_refusal_without_numbers_gives_its_reason(refused: Scorecard) -> None:
    run = dataclasses.replace(refused.run, refused=[Refusal("pusher", "model_blessing missing")])
    assert "<b>pusher</b>: model_blessing missing</li>" in render_page(dataclasses.replace(refused, run=run))


def test_a_pushed_refit_is_called_one(full: Scorecard) -> None:
    page = render_page(dataclasses.replace(full, run=dataclasses.replace(full.run, refit_splits=["eval", "test"])))
    assert "Pushed version 1714960811, a refit with eval and test" in page
    assert "has learned from eval and test too" in page
    assert "a refit" not in render_page(full)


def test_a_page_of_a_refused_run_says_it_first(refused: Scorecard) -> None:
    page = render_page(refused)
    assert page.index('<div class="verdict refused">') < page.index("<section>")
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


@needs_chromium
def test_in_a_browser(full: Scorecard, refused: Scorecard, tmp_path: Path) -> None:
    pages = [write_report(tmp_path, full), write_report(tmp_path, refused), tmp_path / "index.html"]
    with offline_browser() as browser:
        for place, page in enumerate(pages):
            browser.open(page)
            keep_screenshot(browser.tab, f"report-{place}")
            assert browser.fits(), page
        links = browser.tab.locator("table a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert browser.problems == []
    assert browser.requests == [page.as_uri() for page in pages]
    assert links == ["r2/index.html", "2024-05-06T02-00-11/index.html"]
