"""Things timed by turns, so that what else the machine does falls on all of them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np


def seconds_of(things: Mapping[str, Callable[[], object]], rounds: int, warm_up: int = 1) -> dict[str, list[float]]:
    """Wall seconds of each thing, in each of the rounds.

    Args:
        things: by name, what to time.
        rounds: that count; in each, all are done once, in order.
        warm_up: rounds before, which do not.
    """
    seconds: dict[str, list[float]] = {name: [] for name in things}
    for turn in range(warm_up + rounds):
        for name, thing in things.items():
            began = time.perf_counter()
            thing()
            if turn >= warm_up:
                seconds[name].append(time.perf_counter() - began)
    return seconds


def ratio(seconds: Mapping[str, list[float]], one: str, other: str) -> float:
    """The median of `one` over that of `other`."""
    return float(np.median(seconds[one]) / np.median(seconds[other]))


def median_ms(seconds: list[float]) -> float:
    """Milliseconds."""
    return float(np.median(seconds) * 1000)
