from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.demo_shop.market import SHARPNESS, Market
from datasets.demo_shop.oracle import Oracle, best_achievable
from datasets.demo_shop.shop import make_demo_shop
from modules.errors import InputError


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "shop"
    make_demo_shop(folder, 20_000)
    return folder


def test_oracle_is_clearly_above_popularity(shop: Path) -> None:
    reach = best_achievable(shop)
    assert reach["queries"] == 2_000
    assert reach["ndcg_at_10"] > 3 * reach["popularity_ndcg_at_10"]
    assert reach["recall_at_100"] > 1.5 * reach["popularity_recall_at_100"]


def test_default_shop_is_quickly_made_and_well_above_popularity(tmp_path: Path) -> None:
    make_demo_shop(tmp_path / "shop")
    reach = best_achievable(tmp_path / "shop")
    assert reach["ndcg_at_10"] > 4 * reach["popularity_ndcg_at_10"]


def test_database_folder_and_parquet_give_the_same(shop: Path, tmp_path: Path) -> None:
    reach = best_achievable(shop, max_queries=300)
    assert best_achievable(shop / "shop.db", max_queries=300) == reach
    make_demo_shop(tmp_path / "p", 20_000, file_format="parquet")
    assert best_achievable(tmp_path / "p", max_queries=300) == reach


def tiny_shop(folder: Path) -> Path:
    """Two users, four items, ten interactions; the last one, by u000000 of i00002 at 100, is held out."""
    folder.mkdir()
    market = Market(
        taste=np.array([[1.0, 0.0], [0.0, 1.0]], np.float32),
        place=np.array([[1.0, 0.0], [0.9, 0.1], [0.5, 0.5], [0.0, 1.0]], np.float32),
        appeal=np.zeros(4, np.float32),
        released=np.array([-(10**9)] * 3 + [200], np.int64),
    )
    market.save(folder / "oracle.npz")
    # Item 0 eight times by user 1 would be a repeat in a real shop; here it only makes it popular.
    rows = [(0, 1, 10)] + [(1, 0, 20 + step) for step in range(8)] + [(0, 2, 100)]
    table = {
        "user_id": [f"u{user:06d}" for user, _, _ in rows],
        "item_id": [f"i{item:05d}" for _, item, _ in rows],
        "timestamp": [time for _, _, time in rows],
    }
    pq.write_table(pa.table(table), folder / "interactions.parquet")
    return folder


def test_scores_by_hand(tmp_path: Path) -> None:
    # Candidates at 100: items 0 and 2; item 1 is seen, item 3 not released. Both rankings put item 0 first, so the
    # wanted one is second: nDCG is 1 / log2(3).
    reach = best_achievable(tiny_shop(tmp_path / "shop"))
    assert reach == pytest.approx(
        {
            "queries": 1,
            "ndcg_at_10": 1 / np.log2(3),
            "recall_at_100": 1,
            "popularity_ndcg_at_10": 1 / np.log2(3),
            "popularity_recall_at_100": 1,
        }
    )


def test_recommendations_and_scores_by_hand(tmp_path: Path) -> None:
    oracle = Oracle(tiny_shop(tmp_path / "shop"))
    lists = oracle.recommend(["u000000", "u000001", "u000001"], [100, 100, 300], [["i00001"], [], []], k=3)
    assert lists == [["i00000", "i00002"], ["i00002", "i00001", "i00000"], ["i00003", "i00002", "i00001"]]
    scores = oracle.scores(np.array([0]), np.array([100]), [np.array([1])])
    np.testing.assert_allclose(scores, [[np.exp(SHARPNESS), 0, np.exp(SHARPNESS / 2), 0]], rtol=1e-5)


def test_folder_without_a_shop_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"oracle\.npz"):
        best_achievable(tmp_path)
    tiny_shop(tmp_path / "shop")
    (tmp_path / "shop" / "interactions.parquet").unlink()
    with pytest.raises(InputError, match=r"shop\.db or interactions\.parquet"):
        best_achievable(tmp_path / "shop")
