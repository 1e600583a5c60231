"""The report of a real run: every page in a browser without a network, the notebook, and a later run's comparison."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

from tests.browser import keep_screenshot, needs_chromium, offline_browser
from tests.e2e.conftest import Finished, RunShop

PROJECT = Path(__file__).parents[2]
NOTEBOOK = PROJECT / "notebooks" / "reports.ipynb"


@pytest.fixture(scope="module")
def run(run_shop: RunShop) -> Finished:
    return run_shop("sqlite")


def lookup(values: Any, path: str) -> Any:
    for key in path.split("/"):
        values = values[int(key)] if isinstance(values, list) else values.get(key)
    return values


@needs_chromium
@pytest.mark.parametrize(
    ("page", "evidence", "least"),
    [("index.html", "scorecard.json", 60), ("models.html", "evaluation.json", 30), ("data.html", None, 0)],
)
def test_pages(run: Finished, page: str, evidence: str | None, least: int) -> None:
    folder = Path(run.report)
    with offline_browser() as browser:
        browser.open(folder / page)
        browser.tab.wait_for_timeout(2000)
        keep_screenshot(browser.tab, f"run-{Path(page).stem}")
        shown = browser.shown()
        assert browser.fits()
    assert (browser.problems, browser.requests) == ([], [(folder / page).as_uri()])
    assert len(shown) >= least
    values = json.loads((folder / evidence).read_text()) if evidence else {}
    for path, (exact, _) in shown.items():
        assert exact == ("" if (expected := lookup(values, path)) is None else str(expected)), path


def test_the_models_page_has_the_evaluators_numbers(run: Finished) -> None:
    import tensorflow_model_analysis as tfma

    written = json.loads((Path(run.report) / "evaluation.json").read_text())["models"]
    assert set(written) == {"retrieval", "ranking", "recommender on eval", "recommender on test"}
    for name in ("retrieval", "ranking"):
        result = tfma.load_eval_result(str(run.artifact(f"Evaluator.{name}", "evaluation")))
        overall = next(outputs[""][""] for key, outputs in result.slicing_metrics if not key)
        assert written[name]["slices"][0]["metrics"] == {key: value["doubleValue"] for key, value in overall.items()}
        assert len(written[name]["slices"]) == len(result.slicing_metrics)
    recommender = run.scorecard["metrics"]["test"]["recommender"]
    assert written["recommender on test"]["slices"][0]["metrics"] == {
        name.replace("@", "_at_"): value for name, value in recommender.items()
    }


def test_the_report_links_to_the_others_and_names_the_artifacts(run: Finished) -> None:
    scorecard = run.scorecard
    assert set(scorecard["dashboards"].values()) == {"data.html", "models.html"}
    outputs = {(output["component"], output["name"]): output for output in scorecard["outputs"]}
    pushed = outputs["Pusher", "pushed_model"]
    assert Path(pushed["uri"]).is_dir()
    assert pushed["id"] == max(output["id"] for output in scorecard["outputs"])
    assert scorecard["drifts"]
    for sample in scorecard["samples"]:
        assert all(len(item["because"]) <= 2 for item in sample["items"])


def test_the_notebook(run: Finished) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    assert all(not cell.get("outputs") for cell in notebook.cells)  # none is kept in the repository
    [parameters] = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    parameters.source = f"ROOT = {str(run.root)!r}"
    nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOK.parent)}}
    ).execute()
    shown = {
        cell.id: output.data.get("text/html", output.data["text/plain"])
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "data" in output
    }
    assert set(shown) == {"runs", "report", "models", "data", "metrics", "slices"}
    assert run.scorecard["run"]["id"] in shown["runs"]
    assert all("<iframe srcdoc=" in shown[name] for name in ("report", "models", "data"))
    assert f"{run.scorecard['metrics']['test']['recommender']['ndcg@10']:.6f}" in shown["metrics"]
