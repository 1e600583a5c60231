"""What was served is judged by what was taken afterwards."""

from __future__ import annotations

import dataclasses
import math

import pytest

from monitoring.outcomes import Event, Outcomes, Served, outcomes

DAY = 86_400.0


def test_hits_and_ndcg_by_hand() -> None:
    served = [Served(100, ("a", "b", "c")), Served(200, ("d",))]
    found = outcomes(served, [Event(150, "b"), Event(250, "z"), Event(250, "z")], DAY)
    # First list: b at place 2, and z, which it lacks. Second list: z alone.
    best = 1 + 1 / math.log2(3)
    assert found.ndcg == pytest.approx(1 / math.log2(3) / best)
    assert dataclasses.replace(found, ndcg=0.0) == Outcomes(2, 2, 1.0, 0.0, 3, 1)


def test_what_was_taken_before_and_too_late_does_not_count() -> None:
    served = [Served(100, ("a",))]
    assert outcomes(served, [Event(99, "a"), Event(111, "a")], 10) == Outcomes(lists=1)
    for moment in (100, 110):
        assert outcomes(served, [Event(moment, "a")], 10) == Outcomes(1, 1, 1.0, 1.0, 1, 1)


def test_feedback_without_times_counts_for_every_list() -> None:
    served = [Served(100, ("a",)), Served(10**9, ("b",))]
    assert outcomes(served, [Event(None, "a")], DAY) == Outcomes(2, 2, 1.0, 1.0, 2, 1)


def test_only_ten_places_count_and_empty_lists_miss() -> None:
    items = tuple(f"i{number}" for number in range(12))
    assert outcomes([Served(1, items)], [Event(2, "i10")], DAY).hits == 0
    assert outcomes([Served(1, items)], [Event(2, "i9")], DAY).ndcg == pytest.approx(1 / math.log2(11))
    assert outcomes([Served(1, ())], [Event(2, "a")], DAY) == Outcomes(1, 1, 0.0, 0.0, 1, 0)


def test_nobody_and_nothing() -> None:
    assert outcomes([], [Event(1, "a")], DAY) == Outcomes()
    assert outcomes([Served(1, ("a",))], [], DAY) == Outcomes(lists=1)
    assert Outcomes(1, 1, 1.0, 0.5, 2, 1) + Outcomes(2, 1, 0.0, 0.25, 1, 0) == Outcomes(3, 2, 1.0, 0.75, 3, 1)
