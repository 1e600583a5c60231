"""The law by which users of the demo shop choose. Drawing interactions and the oracle both go by it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import numpy.typing as npt

from datasets.demo_shop.assortment import Assortment
from datasets.demo_shop.calendar import DAY
from datasets.demo_shop.people import People
from modules.errors import InputError

# How strongly liking decides: e^SHARPNESS to 1 between an item that fits a taste fully and one that does not matter.
SHARPNESS = 9.0
# A new item is chosen this many times more often, for so long.
FRESH_BOOST = 3.0
FRESH_SECONDS = 14 * DAY


@dataclasses.dataclass(frozen=True)
class Market:
    """What decides a choice.

    At time t a user takes item i, out of those released before t that the user has not taken yet, with a probability
    proportional to exp(SHARPNESS · taste·place_i + appeal_i) · (FRESH_BOOST if i is newer than FRESH_SECONDS else 1).

    Attributes:
        taste: [users, d] float32.
        place: [items, d] float32.
        appeal: [items] float32.
        released: [items] int64 seconds, ascending.
    """

    taste: npt.NDArray[np.float32]
    place: npt.NDArray[np.float32]
    appeal: npt.NDArray[np.float32]
    released: npt.NDArray[np.int64]

    def liking(self, users: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """[n, items] float32: the part of the weight that does not change with time, for [n] indices of users."""
        return np.exp(SHARPNESS * (self.taste[users] @ self.place.T) + self.appeal)

    def weights(self, liking: npt.NDArray[np.float32], times: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """[n, items] float32, in proportion to the probability of each item at [n] times; 0 where not on sale yet."""
        weights = liking.copy()
        # Items are in order of release: a row is old ones, then fresh ones, then those to come.
        fresh = np.searchsorted(self.released, times - FRESH_SECONDS, side="right")
        to_come = np.searchsorted(self.released, times, side="left")
        for row, begin, end in zip(weights, fresh, to_come, strict=True):
            row[begin:end] *= FRESH_BOOST
            row[end:] = 0
        return weights

    def save(self, path: Path) -> None:
        """Writes the arrays as one `.npz` file."""
        np.savez(path, **{field.name: getattr(self, field.name) for field in dataclasses.fields(self)})

    @classmethod
    def load(cls, path: Path) -> Market:
        """Reads what `save` wrote.

        Raises:
            InputError: the file is missing or not such a file.
        """
        try:
            with np.load(path, allow_pickle=False) as arrays:
                return cls(**{field.name: arrays[field.name] for field in dataclasses.fields(cls)})
        except (OSError, ValueError, KeyError) as error:
            raise InputError(f"file {path}", "the oracle of a demo shop", error) from error


def market_of(people: People, assortment: Assortment) -> Market:
    """The market where these users meet these items."""
    return Market(
        people.taste.astype(np.float32),
        assortment.place.astype(np.float32),
        assortment.appeal.astype(np.float32),
        assortment.released,
    )
