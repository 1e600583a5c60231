"""Things timed by turns."""

from __future__ import annotations

import time

from benchmarks.speed.interleaved import median_ms, ratio, seconds_of


def test_by_turns_after_a_warm_up() -> None:
    done: list[str] = []
    seconds = seconds_of({"a": lambda: done.append("a"), "b": lambda: done.append("b")}, rounds=2, warm_up=1)
    assert done == ["a", "b"] * 3 and [len(values) for values in seconds.values()] == [2, 2]


def test_of_what_takes_longer() -> None:
    seconds = seconds_of({"long": lambda: time.sleep(0.02), "short": lambda: None}, rounds=3)
    assert min(seconds["long"]) >= 0.02 and ratio(seconds, "long", "short") > 1


def test_medians() -> None:
    seconds = {"a": [0.5, 9.0, 0.4], "b": [2.0, 1.0, 1.0]}
    assert ratio(seconds, "a", "b") == 0.5 and median_ms(seconds["b"]) == 1000
