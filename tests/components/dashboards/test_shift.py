"""Distances between splits by hand."""

from __future__ import annotations

from pathlib import Path

from components.dashboards.shift import shifts
from components.dashboards.statistics import ColumnStatistics, TableStatistics, Texts, read_statistics
from components.report.evidence import Drift


def test_numbers_and_texts(statistics_folder: Path) -> None:
    assert shifts(read_statistics("interactions", statistics_folder)) == [
        Drift("interactions", "test", "age", "from train", "mean, in std", 2.0),  # (3 - 2) / 0.5
        Drift("interactions", "test", "device", "from train", "share of a value", 0.5),  # toaster: 1/2 against 0
    ]


def test_nothing_is_said_without_train_of_constants_and_of_ids() -> None:
    def ids() -> ColumnStatistics:
        return ColumnStatistics("text", 0, 100, 1, texts=Texts(100, 3.0, [], {}, []))

    assert shifts(TableStatistics("candidates", {"catalogue": 100}, {"item_id": {"catalogue": ids()}})) == []
    assert shifts(TableStatistics("t", {"train": 100, "eval": 100}, {"id": {"train": ids(), "eval": ids()}})) == []
