"""Geometry by hand."""

from __future__ import annotations

import pytest

from components.dashboards.plots import edges, outlines, rank_curves
from components.dashboards.statistics import Bucket, ColumnStatistics, Texts


def test_outlines_are_densities_on_common_axes() -> None:
    # train: 1/4 of the values on 0–2, 3/4 on 2–4; test: all of them on 0–4.
    found = outlines({"train": [Bucket(0, 2, 1), Bucket(2, 4, 3)], "test": [Bucket(0, 4, 7)]}, 40, 12)
    assert found["train"] == [(0, 12), (0, 8), (20, 8), (20, 0), (40, 0), (40, 12)]
    assert found["test"] == [(0, 12), (0, 4), (40, 4), (40, 12)]
    assert edges({"train": [Bucket(0, 2, 1)], "test": [Bucket(-1, 1, 1)]}) == (-1, 2)


def test_a_constant_column_is_a_thin_bar() -> None:
    assert outlines({"train": [Bucket(3, 3, 5)]}, 100, 10) == {"train": [(0, 10), (0, 0), (1, 0), (1, 10)]}
    assert outlines({"train": []}, 100, 10) == {}
    # Beside others it is as high as they are: train's one bucket is 0.25 high, that of test would be 25.
    both = outlines({"train": [Bucket(0, 4, 7)], "test": [Bucket(3, 3, 5)]}, 40, 12)
    assert both == {"train": [(0, 12), (0, 0), (40, 0), (40, 12)], "test": [(30, 12), (30, 0), (30.4, 0), (30.4, 12)]}
    assert edges({}) == (0.0, 0.0)


def ranked(*counts: float) -> ColumnStatistics:
    ranks = [Bucket(rank, rank, count) for rank, count in enumerate(counts)]
    return ColumnStatistics("text", 0, int(sum(counts)), 1, texts=Texts(len(counts), 1.0, [], {}, ranks))


def test_a_power_law_is_a_straight_line() -> None:
    points = rank_curves({"train": ranked(*(4096 / rank for rank in (1, 2, 4, 8)))}, 90, 30)["train"]
    assert points[0] == (0, 0)
    assert points[-1] == (90, 30)
    # counts of ranks 1, 2, 3, 4 here are 1/1, 1/2, 1/4, 1/8: each a third of the height
    assert [y for _, y in points] == pytest.approx([0, 10, 20, 30], abs=0.01)


def test_points_that_nobody_sees_are_left_out() -> None:
    points = rank_curves({"train": ranked(*range(2000, 1000, -1))}, 100, 30)["train"]
    assert len(points) <= 52
    assert points[-1] == (100, 30)
    assert rank_curves({"train": ColumnStatistics("int", 0, 1, 1)}, 100, 30) == {}
