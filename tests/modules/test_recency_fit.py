"""The prior of recent popularity: eval decides whether there is one."""

from __future__ import annotations

from typing import Any

import numpy as np

from modules.item_popularity import WINDOWS
from modules.recency_fit import fit_recency
from modules.recency_judge import Questions
from modules.taken import Taken

ITEMS, QUERIES = 40, 600
RNG = np.random.default_rng(3)
NOISE = RNG.normal(size=(ITEMS, 4)).astype(np.float32)
HOT = 7


def _splits(lately: list[int], moments: bool = True) -> list[Taken]:
    """1,000 events of train, every item equally often, but for the newest 50."""
    train = np.array([*np.arange(950) % ITEMS, *np.resize(lately, 50)], np.int64)
    parts = [train, np.array([1], np.int64), np.array([2], np.int64)]
    times = [np.arange(1000), np.array([1000]), np.array([1001])]
    return [Taken(rows, when if moments else None) for rows, when in zip(parts, times, strict=True)]


def _queries(relevant: list[int], seen: list[int] | None = None) -> list[Any]:
    vectors = RNG.normal(size=(QUERIES, 4)).astype(np.float32)
    wanted = [np.array([relevant[row % len(relevant)]]) for row in range(QUERIES)]
    hidden = [np.array(seen or [], np.int64) for _ in range(QUERIES)]
    return [Questions(vectors[i : i + 100], hidden[i : i + 100], wanted[i : i + 100]) for i in range(0, QUERIES, 100)]


def test_what_was_hot_lately_is_still_wanted() -> None:
    found, with_prior, without = fit_recency(_splits([HOT]), NOISE, _queries([HOT]))
    assert found.weight > 0 and found.window in WINDOWS
    assert with_prior > 0.9 > 0.3 > without


def test_what_was_hot_lately_is_no_longer_wanted() -> None:
    found, with_prior, without = fit_recency(_splits([HOT]), NOISE, _queries([1, 2, 3]))
    assert found.weight == 0 and with_prior == without
    assert found.window > 0  # the blend may still try it


def test_only_train_counts() -> None:
    """The hot item of eval and test alone gets no weight, whatever their queries want."""
    splits = _splits(list(range(10, ITEMS)))
    splits[1] = Taken(np.full(200, HOT, np.int64), np.full(200, 1000))
    assert fit_recency(splits, NOISE, _queries([HOT]))[0].weight == 0


def test_seen_items_are_nobodys_answer() -> None:
    seen = [item for item in range(ITEMS) if item != 1]
    found, _, without = fit_recency(_splits([HOT]), NOISE, _queries([1], seen))
    assert found.weight == 0 and without == 1


def test_nothing_to_choose_by() -> None:
    assert fit_recency(_splits([HOT]), NOISE, [])[0].weight == 0


def test_without_times() -> None:
    found, with_prior, without = fit_recency(_splits([HOT], moments=False), NOISE, _queries([HOT]))
    assert (found.weight, found.window, with_prior, without) == (0, 0, 0, 0)
    assert found.counts[HOT, 0] > found.counts[HOT + 1, 0]
