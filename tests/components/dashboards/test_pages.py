"""The pages in a browser without a network: numbers as in the evidence, nothing asked for, nothing to complain of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from components.dashboards.anomalies import read_anomalies
from components.dashboards.data_page import render_data_page
from components.dashboards.evaluations import RunEvaluation
from components.dashboards.models_page import render_models_page
from components.dashboards.statistics import read_statistics
from tests.browser import OfflineBrowser, keep_screenshot, needs_chromium, offline_browser
from tests.components.dashboards.conftest import HOSTILE

# Text of an element and of everything in the shadow roots below it.
DEEP_TEXT = """root => {
  const texts = [], visit = node => {
    if (node.nodeType === Node.TEXT_NODE) texts.push(node.textContent.trim());
    if (node.shadowRoot) visit(node.shadowRoot);
    if (!['STYLE', 'SCRIPT', 'TEMPLATE'].includes(node.nodeName)) node.childNodes.forEach(visit);
  };
  visit(root);
  return texts.filter(text => text);
}"""


def texts(browser: OfflineBrowser, model: str, view: str) -> list[str]:
    place = browser.tab.locator(f'section[data-model="{model}"] [data-view={view}]')
    found: list[str] = place.evaluate(DEEP_TEXT)
    return found


def open_models(browser: OfflineBrowser, page: Path) -> None:
    browser.open(page)
    browser.tab.wait_for_function(
        "document.querySelector('[data-view=series] tfma-nb-time-series') !== null", timeout=60_000
    )
    browser.tab.wait_for_timeout(1500)  # the components draw bit by bit


@pytest.fixture
def models_page(evaluations: list[RunEvaluation], tmp_path: Path) -> Path:
    page = tmp_path / "models.html"
    page.write_text(render_models_page(evaluations[-1], evaluations), encoding="utf-8")
    return page


def lookup(values: Any, path: str) -> Any:
    for key in path.split("/"):
        values = values[int(key)] if isinstance(values, list) else values[key]
    return values


@needs_chromium
def test_models(models_page: Path, evaluations: list[RunEvaluation]) -> None:
    written = json.loads(evaluations[-1].to_json())
    with offline_browser() as browser:
        open_models(browser, models_page)
        keep_screenshot(browser.tab, "models")
        shown = browser.shown()
        slices, comparison, series = (texts(browser, "retrieval", view) for view in ("slices", "comparison", "series"))
        retrieval = browser.tab.locator('section[data-model="retrieval"]')
        bars, points = (
            retrieval.locator(f"{view} [data-row] title") for view in ("tfma-slice-overview", "tfma-line-chart")
        )
        names = bars.all_text_contents()
        assert sorted(names) == [f"device:{HOSTILE}\nndcg_at_10: 0.0625", "device:phone\nndcg_at_10: 0.3125"]
        assert points.all_text_contents() == [
            *("Model 2 at Data 2\nndcg_at_10: 0.1875", "Model 1 at Data 1\nndcg_at_10: 0.25"),
            *("Model 2 at Data 2\nrecall_at_100: 0.5", "Model 1 at Data 1\nrecall_at_100: 0.5"),
        ]
        assert browser.tab.title() == "Models – r2"
        assert browser.fits()
    assert browser.problems == []
    assert browser.requests == [models_page.as_uri()]
    for path, (value, _) in shown.items():
        assert value == "" or float(value) == lookup(written, path), path
    assert shown["models/retrieval/slices/0/metrics/ndcg_at_10"] == ("0.1875", "0.1875")
    assert shown["models/retrieval/baseline/0/metrics/ndcg_at_10"] == ("0.25", "0.2500")
    assert shown["models/retrieval/slices/0/metrics/ndcg_at_10_diff"] == ("-0.0625", "-0.0625")
    assert shown["models/ranking/slices/0/metrics/rows"] == ("90.0", "90")
    # TFMA's own components: values of the slices, the change, both runs.
    assert {"device:phone", f"device:{HOSTILE}", "0.31250", "0.06250"} <= set(slices)
    assert {"before", "this run", "-25%", "0.188", "0.25"} <= set(comparison)
    assert {"0.18750", "0.25000", "ndcg_at_10", "recall_at_100"} <= set(series)


@needs_chromium
def test_slices_of_another_column(models_page: Path) -> None:
    with offline_browser() as browser:
        open_models(browser, models_page)
        browser.tab.locator('section[data-model="retrieval"] select').select_option("Overall")
        browser.tab.wait_for_timeout(500)
        slices = texts(browser, "retrieval", "slices")
    assert "Overall" in slices
    assert "device:phone" not in slices
    assert browser.problems == []


@needs_chromium
def test_tables_are_sorted_by_a_click(models_page: Path) -> None:
    with offline_browser() as browser:
        open_models(browser, models_page)
        table = browser.tab.locator('section[data-model="retrieval"] [data-view=slices] tfma-metrics-table')
        head = table.locator("th").filter(has_text="ndcg_at_10").first
        firsts = []
        for _ in range(2):
            head.click()
            firsts.append(table.locator("tbody tr td").first.text_content())
    assert firsts == [f"device:{HOSTILE}", "device:phone"]  # 0.0625, then 0.3125
    assert browser.problems == []


def test_without_anything_to_compare(evaluations: list[RunEvaluation]) -> None:
    alone = RunEvaluation("r", "2024-05-06T02:00:00+00:00", {"ranking": evaluations[0].models["ranking"]})
    page = render_models_page(alone, [alone])
    assert "There is no earlier model to compare with." in page
    assert 'data-view="comparison"' not in page
    assert 'data-view="series"' not in page


@needs_chromium
def test_data(statistics_folder: Path, anomalies_folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "data.html"
    tables = [read_statistics("interactions", statistics_folder)]
    page.write_text(render_data_page("r1", tables, *read_anomalies("interactions", anomalies_folder)), "utf-8")
    with offline_browser() as browser:
        browser.open(page)
        keep_screenshot(browser.tab, "data")
        rows = browser.tab.locator("#interactions-age tr").evaluate_all(
            "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
        )
        shares = browser.tab.locator("#interactions-device .share .value").all_text_contents()
        drift = browser.tab.locator("section").first.locator("table").last.locator("td").all_text_contents()
        bold = browser.tab.locator("b").all_text_contents()
        assert browser.fits()
    assert (browser.problems, browser.requests) == ([], [page.as_uri()])
    assert rows == [
        ["", "train", "test"],
        ["missing", "1 (25.0%)", "0"],
        ["mean", "2", "3"],
        ["std", "0.5000", "0"],
        ["min", "0", "3"],
        ["median", "2", "3"],
        ["max", "4", "3"],
        ["zeros", "1", "0"],
    ]
    assert shares == ["75.0 %", "50.0 %", "25.0 %", "0.0 %", "0.0 %", "50.0 %"]
    assert drift == ["interactions", "test", "device", "drift", "l infty", "0.2500", "0.1000"]
    assert bold == ["Unexpected string values"]  # what the data hold is text
