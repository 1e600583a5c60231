"""Draws who takes what and when, a block of users at a time, so that memory does not grow with the rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from datasets.demo_shop.assortment import Assortment
from datasets.demo_shop.calendar import END, START
from datasets.demo_shop.choices import Choices, ProposedChoices, WeighedChoices
from datasets.demo_shop.market import Market
from datasets.demo_shop.people import People
from datasets.demo_shop.words import DEVICES

Ints = npt.NDArray[np.int64]

# Nobody takes more than this share of the items: there must remain something to recommend.
_GREATEST_SHARE = 0.3
# Cells of a block of users × items.
_BLOCK_CELLS, _LARGE_BLOCK_CELLS = 4_000_000, 8_000_000
# A shop of more rows has too many items for each choice to weigh them all.
_LARGE = 200_000


@dataclasses.dataclass(frozen=True)
class Interactions:
    """Rows ordered by user, then time.

    Attributes:
        user, item: [rows] int64 indices.
        rating: [rows] float32, 1 to 5 in whole steps.
        device: [rows] int64, index into `DEVICES`.
        timestamp: [rows] int64 seconds; a user has no two at the same second.
    """

    user: npt.NDArray[np.int64]
    item: npt.NDArray[np.int64]
    rating: npt.NDArray[np.float32]
    device: npt.NDArray[np.int64]
    timestamp: npt.NDArray[np.int64]


def draw_interactions(
    rows: int, people: People, assortment: Assortment, market: Market, seed: int
) -> Iterator[Interactions]:
    """Draws `rows` interactions in all. No user takes an item twice, or before its release."""
    counts = _rows_of_users(rows, people.joined, len(assortment.price), np.random.default_rng([seed, 4]))
    large = rows > _LARGE
    block = max(1, (_LARGE_BLOCK_CELLS if large else _BLOCK_CELLS) // len(assortment.price))
    choices = ProposedChoices if large else WeighedChoices
    for number, first in enumerate(range(0, len(counts), block)):
        users = np.arange(first, min(first + block, len(counts)))
        random = np.random.default_rng([seed, 5, number])
        yield _block(users, counts[users], people, assortment, market, choices, random)


def _rows_of_users(
    rows: int, joined: npt.NDArray[np.int64], items: int, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    """[users] int64 with sum `rows`: few are very active, and who joined late had less time."""
    activity = random.lognormal(0.0, 0.8, len(joined)) * (END - np.maximum(joined, START))
    limit = int(items * _GREATEST_SHARE)
    counts = np.zeros(len(joined), np.int64)
    left = rows
    while left:
        open_ = np.where(counts < limit, activity, 0.0)
        counts = np.minimum(counts + random.multinomial(left, open_ / open_.sum()), limit)
        left = rows - int(counts.sum())
    return counts


def _block(
    users: npt.NDArray[np.int64],
    counts: npt.NDArray[np.int64],
    people: People,
    assortment: Assortment,
    market: Market,
    choices: Callable[[Market, Ints], Choices],
    random: np.random.Generator,
) -> Interactions:
    # The most active first: those who still have a choice to make at a step are then the first rows.
    order = np.argsort(-counts, kind="stable")
    users, counts = users[order], counts[order]
    times = _times(counts, people.joined[users], random)
    made = choices(market, users)
    taken = np.full(times.shape, -1, np.int64)
    for step in range(times.shape[1]):
        active = int(np.count_nonzero(counts > step))
        taken[:active, step] = made.choose(active, times[:active, step], random)
    row, column = np.nonzero(taken >= 0)
    back = np.argsort(users[row], kind="stable")
    row, column = row[back], column[back]
    user, item = users[row], taken[row, column]
    return Interactions(
        user,
        item,
        _ratings(user, item, people, assortment, random),
        _devices(people.age[user], random),
        times[row, column],
    )


def _times(
    counts: npt.NDArray[np.int64], joined: npt.NDArray[np.int64], random: np.random.Generator
) -> npt.NDArray[np.int64]:
    """[users, greatest count] int64, ascending in each row; cells beyond a user's count mean nothing."""
    first = np.maximum(joined, START) + 1
    steps = np.arange(counts.max(initial=0))
    share = np.where(steps < counts[:, None], random.random((len(counts), len(steps))), 1.0)
    # Adding the step keeps seconds apart; the span leaves room for that.
    return first[:, None] + (np.sort(share, axis=1) * (END - first - counts)[:, None]).astype(np.int64) + steps


def _ratings(
    user: npt.NDArray[np.int64],
    item: npt.NDArray[np.int64],
    people: People,
    assortment: Assortment,
    random: np.random.Generator,
) -> npt.NDArray[np.float32]:
    """How well the item fits the taste, how good it is, how mild the user, and chance."""
    fit = np.einsum("nd,nd->n", people.taste[user], assortment.place[item])
    opinion = 2.4 + 2.2 * fit + 0.45 * assortment.quality[item] + 0.3 * people.mildness[user]
    noisy = opinion + 0.6 * random.normal(size=len(user))
    return np.clip(np.rint(noisy), 1, 5).astype(np.float32)


def _devices(age: npt.NDArray[np.int64], random: np.random.Generator) -> npt.NDArray[np.int64]:
    """The younger, the more often by phone."""
    phone = np.clip(1.0 - age / 90, 0.15, 0.85)
    tablet = 0.25 * (1 - phone)
    draw = random.random(len(age))
    phone_index, desktop_index, tablet_index = (DEVICES.index(name) for name in ("phone", "desktop", "tablet"))
    return np.where(draw < phone, phone_index, np.where(draw < phone + tablet, tablet_index, desktop_index))
