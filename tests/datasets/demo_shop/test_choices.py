"""Two ways to draw, one law."""

from __future__ import annotations

import numpy as np
import pytest

from datasets.demo_shop.choices import ProposedChoices, WeighedChoices
from datasets.demo_shop.market import FRESH_SECONDS, Market

USERS = 20_000
NOW = 10 * FRESH_SECONDS


def market(taste: float) -> Market:
    """Users all alike. Of five items the first two are old, two are fresh, and the last is not there yet."""
    return Market(
        taste=np.full((USERS, 1), taste, np.float32),
        place=np.array([[0.2], [0.1], [0.1], [0.3], [-0.3]], np.float32),
        appeal=np.zeros(5, np.float32),
        released=np.array([0, 1, NOW - 5, NOW - 4, NOW], np.int64),
    )


@pytest.mark.parametrize("taste", [0.5, 6.0])  # of those that like one item alone, the second choice is hard to propose
@pytest.mark.parametrize("choices", [WeighedChoices, ProposedChoices])
def test_first_and_second_choice_follow_the_law(
    choices: type[WeighedChoices] | type[ProposedChoices], taste: float
) -> None:
    shop, random = market(taste), np.random.default_rng(3)
    made = choices(shop, np.arange(USERS))
    times = np.full(USERS, NOW, np.int64)
    first, second = (made.choose(USERS, times, random) for _ in range(2))
    weights = shop.weights(shop.liking(np.array([0])), np.array([NOW]))[0].astype(float)
    law = weights / weights.sum()
    both = np.array([[law[i] * law[j] / (1 - law[i]) if i != j else 0 for j in range(5)] for i in range(5)])
    observed = np.bincount(first * 5 + second, minlength=25).reshape(5, 5) / USERS
    assert (np.abs(observed - both) <= 5 * np.sqrt(both * (1 - both) / USERS) + 1e-9).all()


def test_nobody_takes_an_item_twice_or_before_its_release() -> None:
    random = np.random.default_rng(4)
    released = np.sort(random.integers(0, NOW, 30))
    released[:10] = 0
    tastes, places = random.normal(size=(50, 2)).astype(np.float32), random.normal(size=(30, 2)).astype(np.float32)
    made = ProposedChoices(Market(tastes, places, np.zeros(30, np.float32), released), np.arange(50))
    times = np.sort(random.integers(1, NOW, (50, 10)), axis=1)
    taken = np.stack([made.choose(50, times[:, step], random) for step in range(10)], axis=1)
    assert all(len(set(row)) == 10 for row in taken) and (released[taken] < times).all()
