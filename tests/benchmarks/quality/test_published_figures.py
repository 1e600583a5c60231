"""The protocols are the published ones: known baselines get their known figures on real MovieLens."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.baselines.ease import Ease
from benchmarks.baselines.item_knn import ItemKnn
from benchmarks.baselines.popularity import Popularity
from benchmarks.quality.bench import Bench
from benchmarks.quality.measure import measure_baselines
from benchmarks.quality.protocols import ml1m_general, ml1m_sequence, ml100k_ms

pytestmark = pytest.mark.benchmark


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    data = Path(os.environ.get("RECSYS_DATA", Path(__file__).parents[4] / "shared" / "data"))
    if not (data / "ml-100k").is_dir() or not (data / "ml-1m").is_dir():
        pytest.skip(f"no MovieLens in {data}; RECSYS_DATA names another folder")
    return Bench(data, tmp_path)


def test_movielens_100k_microsoft(bench: Bench) -> None:
    tables, splits = ml100k_ms.load(bench)
    train, queries = tables.log().rows(splits == "train"), ml100k_ms.queries_of(tables, splits)
    figures = [row.metrics["ndcg@10"] for row in measure_baselines([Popularity(), Ease(500)], train, {"": queries})]
    assert figures == pytest.approx([0.252, 0.483], abs=0.002)


def test_movielens_1m_general(bench: Bench) -> None:
    tables, splits = ml1m_general.load(bench)
    train, queries = tables.log().rows(splits == "train"), ml1m_general.queries_of(tables, splits)
    rows = measure_baselines([Popularity(), ItemKnn(100), Ease(500)], train, {"": queries})
    assert [row.metrics["ndcg@10"] for row in rows] == pytest.approx([0.118, 0.239, 0.291], abs=0.005)
    assert [row.metrics["recall@10"] for row in rows] == pytest.approx([0.078, 0.173, 0.218], abs=0.005)


def test_movielens_1m_sequence(bench: Bench) -> None:
    tables, splits = ml1m_sequence.load(bench)
    train, queries = tables.log().rows(splits == "train"), ml1m_sequence.queries_of(tables, splits)
    (row,) = measure_baselines([Ease(500)], train, {"": queries})
    assert row.metrics["hit_rate@10"] == pytest.approx(0.110, abs=0.006)
    assert row.metrics["ndcg@10"] == pytest.approx(0.054, abs=0.003)
