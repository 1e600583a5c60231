"""Drawing what users of the demo shop take, by the law of the market."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from datasets.demo_shop.market import FRESH_BOOST, FRESH_SECONDS, Market

Ints = npt.NDArray[np.int64]
_ROUNDS = 12


class Choices(Protocol):
    """The choices of a block of users, in order of time."""

    def choose(self, active: int, times: Ints, random: np.random.Generator) -> Ints:
        """[active] int64 the items that the first `active` users of the block take at `times` [active]; not again."""


class WeighedChoices:
    """Every item is weighed for every choice."""

    def __init__(self, market: Market, users: Ints) -> None:
        """For the users with these indices."""
        self._market, self._left = market, market.liking(users)

    def choose(self, active: int, times: Ints, random: np.random.Generator) -> Ints:
        """See `Choices`."""
        chosen = weighed(self._market, self._left[:active], times, random)
        self._left[np.arange(active), chosen] = 0
        return chosen


class ProposedChoices:
    """The same law where items are many: they are proposed by liking alone, and taken or not by what else counts.

    Rejection sampling: a proposed item that is new is taken, an older one with the chance 1 / FRESH_BOOST, and one that
    is not on sale yet or was taken never. Who was proposed nothing to take a number of times weighs every item.
    """

    def __init__(self, market: Market, users: Ints) -> None:
        """For the users with these indices."""
        self._market, self._left = market, market.liking(users)
        sums = np.cumsum(self._left, axis=1, dtype=np.float64)
        # The user's number before the point, the items' shares behind it: one sorted array for all of them.
        self._marks = (sums / sums[:, -1:] + np.arange(len(users))[:, None]).ravel()

    def choose(self, active: int, times: Ints, random: np.random.Generator) -> Ints:
        """See `Choices`."""
        chosen, items = np.full(active, -1, np.int64), self._left.shape[1]
        waiting = np.arange(active)
        for _ in range(_ROUNDS):
            found = np.searchsorted(self._marks, waiting + random.random(len(waiting)), side="right") - waiting * items
            found = np.minimum(found, items - 1)  # the greatest mark may be rounded
            age = times[waiting] - self._market.released[found]
            chance = np.where(age < FRESH_SECONDS, 1.0, 1 / FRESH_BOOST) * (age > 0) * (self._left[waiting, found] > 0)
            taken = random.random(len(waiting)) < chance
            chosen[waiting[taken]] = found[taken]
            waiting = waiting[~taken]
            if not len(waiting):
                break
        else:
            chosen[waiting] = weighed(self._market, self._left[waiting], times[waiting], random)
        self._left[np.arange(active), chosen] = 0
        return chosen


def weighed(market: Market, left: npt.NDArray[np.float32], times: Ints, random: np.random.Generator) -> Ints:
    """[n] int64 an item for each of [n, items] float32 likings at [n] times; 0 where the user has taken it."""
    sums = np.cumsum(market.weights(left, times), axis=1, dtype=np.float64)
    marks = random.random(len(times)) * sums[:, -1]
    return np.array([row.searchsorted(mark, side="right") for row, mark in zip(sums, marks, strict=True)], np.int64)
