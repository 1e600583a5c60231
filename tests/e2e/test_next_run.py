"""A night later: more rows, and the version that is out there as the baseline."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import tensorflow_model_analysis as tfma

from tests.e2e.conftest import Finished, RunShop, run_pipeline
from tests.e2e.recommender import Answer, Recommender, assert_same
from tests.e2e.shops import NEWCOMER, database_shop_later
from tests.e2e.stores import as_sqlite

EVALUATORS = ("Evaluator.retrieval", "Evaluator.ranking")


@pytest.fixture(scope="module")
def first(run_shop: RunShop) -> Finished:
    return run_shop("sqlite")


@pytest.fixture(scope="module")
def answers_before(first: Finished) -> list[Answer]:
    return everybody(first.recommender())


@pytest.fixture(scope="module")
def second(first: Finished, answers_before: list[Answer]) -> Finished:
    shop, folder = database_shop_later(), first.root.parent
    data = folder / "data"
    shutil.rmtree(data)
    data.mkdir()
    return run_pipeline(shop, as_sqlite(shop, data), folder)


def everybody(recommender: Recommender) -> list[Answer]:
    return [recommender.recommend(str(user), 30) for user in [*range(40), NEWCOMER]]


def compared_with_a_baseline(folder: Path) -> bool:
    keys = [pair.key for metrics in tfma.load_metrics(str(folder)) for pair in metrics.metric_keys_and_values]
    assert keys
    return any(key.is_diff for key in keys)


def test_a_new_version_beside_the_old_one(first: Finished, second: Finished, answers_before: list[Answer]) -> None:
    assert second.status == 0, second.error
    assert int(second.model.name) > int(first.model.name)
    assert_same(everybody(Recommender(first.model)), answers_before)
    changed = zip(everybody(second.recommender()), answers_before, strict=True)
    assert any(after != before for after, before in changed)


def test_the_first_run_is_the_baseline_of_the_second(first: Finished, second: Finished) -> None:
    for name in EVALUATORS:
        compared = [compared_with_a_baseline(run.artifact(name, "evaluation")) for run in (first, second)]
        assert compared == [False, True]
    states = {component["id"]: component["state"] for component in second.scorecard["components"]}
    assert "failed" not in states.values()
    assert second.scorecard["data"]["rows"]["interactions"] > first.scorecard["data"]["rows"]["interactions"]


def test_the_report_shows_both(first: Finished, second: Finished) -> None:
    assert first.scorecard["comparisons"] == []
    compared = {(one["model"], one["metric"]): one for one in second.scorecard["comparisons"]}
    assert {("retrieval", "ndcg_at_10"), ("ranking", "rmse")} <= set(compared)
    models = json.loads((Path(second.report) / "evaluation.json").read_text())["models"]
    of_the_servable = {metric: one for (model, metric), one in compared.items() if model == "recommender"}
    systems = second.scorecard["metrics"]["eval"]
    assert of_the_servable["ndcg_at_10"]["value"] == systems["recommender"]["ndcg@10"]
    assert of_the_servable["ndcg_at_10"]["baseline"] == systems["published"]["ndcg@10"]
    for (model, metric), one in compared.items():
        if model == "recommender":
            continue
        assert one["value"] == models[model]["slices"][0]["metrics"][metric]
        assert one["baseline"] == models[model]["baseline"][0]["metrics"][metric]
        assert one["value"] - one["baseline"] == pytest.approx(models[model]["slices"][0]["metrics"][f"{metric}_diff"])
    page = (Path(second.report) / "models.html").read_text()
    assert "the last published model, on the same rows" in page
    assert f"run {first.scorecard['run']['id']}, on the rows it had" in page


def test_new_users_are_known_to_the_new_version(second: Finished) -> None:
    seen = {str(row["sku"]) for row in second.shop.interactions if row["customer"] == 45}
    assert seen
    assert set(second.recommender().recommend_ids("45", 99)) == {str(100 + n) for n in range(30)} - seen
