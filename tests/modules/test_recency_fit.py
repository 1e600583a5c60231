"""The prior of recent popularity: eval decides whether there is one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from modules.item_age import ALWAYS, ItemAge
from modules.item_popularity import WINDOWS
from modules.recency_fit import fit_recency
from modules.recency_judge import Questions
from modules.taken import NEVER, Taken

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


def _queries(relevant: list[int], seen: list[int] | None = None, moments: Any = None) -> list[Questions]:
    vectors = RNG.normal(size=(QUERIES, 4)).astype(np.float32)
    wanted = [np.array([relevant[row % len(relevant)]]) for row in range(QUERIES)]
    hidden = [np.array(seen or [], np.int64) for _ in range(QUERIES)]
    parts = [slice(start, start + 100) for start in range(0, QUERIES, 100)]
    asked = np.full(QUERIES, NEVER) if moments is None else moments
    return [Questions(vectors[part], hidden[part], wanted[part], asked[part]) for part in parts]


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


@pytest.mark.parametrize(("wanted", "sign"), [([1, 2, 3], -1), ([HOT], 1)])
def test_the_level_of_what_nobody_met(wanted: list[int], sign: int) -> None:
    """Half of the items were never met, and are taken by nobody or by everybody."""
    unmet = np.arange(ITEMS) >= ITEMS // 2 if sign < 0 else np.arange(ITEMS) == HOT
    found, with_prior, without = fit_recency(_splits(list(range(ITEMS))), NOISE, _queries(wanted), unmet)
    assert np.sign(found.level) == sign and with_prior > without + 0.05
    assert found.unmet is unmet
    assert fit_recency(_splits(list(range(ITEMS))), NOISE, _queries(wanted), None)[0].level == 0


def test_nobody_wants_dead_items() -> None:
    """All that fits is dead: only "practically never" will do."""
    vectors = np.where(np.arange(ITEMS)[:, None] < 20, 0.01, 1.0).astype(np.float32) * NOISE
    unmet = np.arange(ITEMS) >= 20
    found, with_prior, without = fit_recency(_splits(list(range(ITEMS))), vectors, _queries([1, 2, 3]), unmet)
    assert found.level < 0 and with_prior > without


@pytest.mark.parametrize("matters", [True, False])
def test_what_is_new_is_wanted(matters: bool) -> None:
    """At every moment another item is the newest; it alone is wanted, or three old ones whatever their age."""
    since = np.where(np.arange(ITEMS) < 10, ALWAYS, 10 * np.arange(ITEMS))
    moments = np.random.default_rng(5).integers(100, 10 * ITEMS, QUERIES)
    age = ItemAge(np.repeat(since[:, None], 3, axis=1), np.array([9]), np.array([2, 0], np.float32))
    newest = np.maximum(moments // 10, 10).clip(max=ITEMS - 1)
    wanted = [int(one) for one in newest] if matters else [1, 2, 3]
    found, with_prior, without = fit_recency(
        _splits(list(range(ITEMS))), NOISE, _queries(wanted, moments=moments), age=age
    )
    assert found.age is not None
    if matters:
        assert found.age.weight > 0 and with_prior > without + 0.1
    else:
        assert found.age.weight == 0


def test_what_is_to_come_is_nobodys_answer() -> None:
    """Fifteen items are there, and the one that is wanted is to come: at no place, not even the last."""
    since = np.where(np.arange(ITEMS) < 15, ALWAYS, 500)
    age = ItemAge(np.repeat(since[:, None], 3, axis=1), np.array([9]), np.zeros(2, np.float32))
    early, late = (_queries([20], moments=np.full(QUERIES, at)) for at in (499, 500))
    assert fit_recency(_splits([HOT]), NOISE, early, age=age)[2] == 0
    assert fit_recency(_splits([HOT]), NOISE, late, age=age)[2] > 0
