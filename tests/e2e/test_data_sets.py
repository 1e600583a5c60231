"""Every kind of data set runs to a pushed servable."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.e2e.conftest import Finished, RunShop
from tests.e2e.recommender import answers, example
from tests.e2e.shop import GENRES, picture


@pytest.fixture(scope="module")
def parquet(run_shop: RunShop) -> Finished:
    return run_shop("parquet")


@pytest.fixture(scope="module")
def csv(run_shop: RunShop) -> Finished:
    return run_shop("csv")


@pytest.fixture(scope="module")
def bare(run_shop: RunShop) -> Finished:
    return run_shop("bare")


@pytest.fixture(scope="module")
def sqlite(run_shop: RunShop) -> Finished:
    return run_shop("sqlite")


def vocabulary(run: Finished, column: str) -> set[str]:
    (path,) = run.artifact("Transform", "transform_graph").glob(f"transform_fn/assets/{column}")
    return set(path.read_text(encoding="utf-8").split("\n")) - {""}


def split_rows(run: Finished) -> dict[str, int]:
    found: dict[str, int] = run.scorecard["data"]["split_rows"]
    return found


@pytest.mark.parametrize("name", ["parquet", "csv", "bare", "sqlite"])
def test_is_pushed_with_a_report(run_shop: RunShop, name: str) -> None:
    run = run_shop(name)
    assert run.status == 0, run.error
    assert (run.model / "saved_model.pb").is_file()
    assert run.model.parent == run.root / "serving" / "recommender"
    assert (Path(run.report) / "index.html").is_file()
    card = run.scorecard
    assert card["run"]["verdict"] == "pushed"
    assert sum(split_rows(run).values()) == len(run.shop.interactions)
    for split in ("eval", "test"):
        for system in ("popularity", "retrieval", "recommender"):
            assert 0 <= card["metrics"][split][system]["ndcg@10"] <= 1


def test_with_a_target_its_error_is_measured(csv: Finished, sqlite: Finished) -> None:
    for run in (csv, sqlite):
        assert {"rmse", "mae"} <= set(run.scorecard["ranking"]["eval"])


def test_without_a_target(parquet: Finished, bare: Finished) -> None:
    for run in (parquet, bare):
        assert {"auc", "log_loss"} <= set(run.scorecard["ranking"]["eval"])
        ids = [str(next(iter(row.values()))) for row in run.shop.items]
        scores = run.recommender().ask("score", user_id=["?"] * len(ids), item_id=ids)["score"]
        assert np.isfinite(scores).all()
        assert len(set(scores.tolist())) > 1


def test_without_times_the_split_is_random(bare: Finished) -> None:
    assert bare.scorecard["data"]["split_kind"] == "at random per user"
    rows = split_rows(bare)
    total = len(bare.shop.interactions)
    assert rows["train"] > 0.6 * total
    assert min(rows["eval"], rows["test"]) > 0.03 * total


def test_with_times_the_newest_tenths_are_held_out(sqlite: Finished) -> None:
    assert sqlite.scorecard["data"]["split_kind"] == "by time"
    total = len(sqlite.shop.interactions)  # one an hour: no two share a time
    first_eval, first_test = -(-total * 8 // 10), -(-total * 9 // 10)
    expected = {"train": first_eval, "eval": first_test - first_eval, "test": total - first_test}
    assert split_rows(sqlite) == expected


def test_without_features_there_is_no_items_like(bare: Finished, csv: Finished) -> None:
    assert "items_like" not in bare.recommender().signatures
    assert "items_like" in csv.recommender().signatures


def test_without_a_users_table(csv: Finished, bare: Finished) -> None:
    for run, users in ((csv, [f"r{n}" for n in range(30)]), (bare, [str(n) for n in range(30)])):
        assert run.scorecard["data"]["rows"]["users"] == 30
        assert all(answers(run.recommender().ask("serving_default", user_id=[*users, "stranger"])))


def test_integer_and_text_ids_are_strings_outside(sqlite: Finished, parquet: Finished) -> None:
    assert set(sqlite.recommender().recommend_ids("0", 99)) < {str(100 + n) for n in range(30)}
    assert set(parquet.recommender().recommend_ids("user 0", 99)) < {f"item {n} ü" for n in range(24)}


def test_list_cells_are_taken_apart(parquet: Finished, sqlite: Finished, csv: Finished) -> None:
    assert vocabulary(parquet, "labels") == {*GENRES, "all"}
    assert vocabulary(parquet, "places") == {"home", "work"}
    assert vocabulary(sqlite, "genres") == {*GENRES, "new"}
    assert vocabulary(csv, "shelves") == set(GENRES[:3])


def test_events_have_weights_and_impressions_are_not_taken(parquet: Finished) -> None:
    until_eval = [row for row in parquet.shop.interactions if row["part"] != "test"]
    taken = {(row["who"], row["what"]) for row in until_eval if row["action"] != "shown"}
    shown = {(row["who"], row["what"]) for row in until_eval} - taken
    assert shown
    recommender = parquet.recommender()
    for who, what in sorted(shown):
        assert what in recommender.recommend_ids(who, 99)


def test_context_columns_matter_to_the_answer(sqlite: Finished) -> None:
    asked = [example(customer="3", device=device) for device in ("phone", "desktop")]
    phone, desktop = answers(sqlite.recommender().ask("serve_examples", examples=asked))
    assert phone != desktop


def test_images_by_path_and_by_bytes(parquet: Finished, sqlite: Finished) -> None:
    for run, column in ((parquet, "cover"), (sqlite, "photo")):
        asked = [example(**{column: picture(n)}) for n in (1, 9)] + [example()]
        one, another, none = answers(run.recommender().ask("items_like", examples=asked, k=5))
        assert one != another
        assert none not in (one, another)


def test_split_column_is_honoured(parquet: Finished) -> None:
    assert parquet.scorecard["data"]["split_kind"] == "by column split"
    assert split_rows(parquet) == Counter(row["part"] for row in parquet.shop.interactions)


def test_split_column_without_eval_rows_sets_a_tenth_of_train_aside(csv: Finished) -> None:
    named, rows = Counter(row["fold"] for row in csv.shop.interactions), split_rows(csv)
    assert rows["test"] == named["test"]
    assert rows["train"] + rows["eval"] == named["train"]
    assert 0.03 < rows["eval"] / named["train"] < 0.25


def test_titles_are_answered(csv: Finished) -> None:
    outputs = csv.recommender().ask("serving_default", user_id=["r1"])
    named = zip(outputs["item_id"][0].tolist(), outputs["title"][0].tolist(), strict=True)
    assert all(title == item.replace(b"b", b"Book ") for item, title in named)
