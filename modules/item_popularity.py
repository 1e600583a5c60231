"""How often items were taken, overall and lately, as it was known at three moments."""

from __future__ import annotations

import dataclasses
import io
import os
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.item_age import ItemAge
from modules.ragged import Ints
from modules.taken import NEVER, Taken, begins_of

SNAPSHOTS = ("train", "eval", "all")
"""What each snapshot knows: train; train and eval; everything."""

WINDOWS = (0.01, 0.02, 0.05)
"""Shares of the events, the newest ones, that "lately" may mean."""

_FILE, _OF_AGE = "popularity.npz", "age_"
_NUMBERS = ("window", "weight", "level")
Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


@dataclasses.dataclass(frozen=True)
class ItemPopularity:
    """Of the items of a catalogue, a column for each of `SNAPSHOTS`; and what retrieval makes of it, the prior.

    Attributes:
        counts: [num_items, 3] int64, how often each was taken.
        recent: [num_items, 3] float32, log(1 + how often lately); of an item that nobody had taken by then, the mean
            of those that somebody had, for nothing speaks against it. Zeros without a window.
        begins: [3] int64, the first moment at which each snapshot is of the past; `NEVER` throughout where the splits
            do not follow each other in time.
        window: share of the events that "lately" means; 0 = none.
        weight: of `recent` in the retrieval score.
        unmet: [num_items] bool, what retrieval never met when it learned; None where it met everything.
        level: what these have more in the retrieval score; negative for less.
        age: how old the items are, and what that has to say; None where nothing is known of it.
        passed: [num_items] bool, those of `unmet` alone that the level is for, as they stood in the catalogue while
            nobody took them; None for all of them.
    """

    counts: Ints
    recent: Floats
    begins: Ints
    window: float = 0.0
    weight: float = 0.0
    unmet: Bools | None = None
    level: float = 0.0
    age: ItemAge | None = None
    passed: Bools | None = None

    @classmethod
    def unknown(cls, num_items: int) -> ItemPopularity:
        """Of items that nobody took, as far as is known."""
        nothing = np.zeros((num_items, len(SNAPSHOTS)))
        never = np.full(len(SNAPSHOTS), NEVER)
        return cls(nothing.astype(np.int64), nothing.astype(np.float32), never)

    def beside(self, vectors: Floats) -> Floats:
        """`vectors` [num_items or one more, D] with the coordinates that the prior takes part in retrieval by.

        Ages are those at the moment at which each snapshot begins. The row that may follow the items stands for an
        unknown one and gets the mean.

        Returns:
            [rows, D + 3] float32; `vectors` themselves where there is no prior.
        """
        if not self.coordinates:
            return vectors
        prior = self.weight * self.recent
        held = self.unmet if self.passed is None else self.passed
        if held is not None:
            prior = prior + self.level * held[:, None]
        if self.age:
            prior = prior + self.age.weight * self.age.boosts_at(self.begins)
        rows = np.vstack([prior, prior.mean(axis=0)])[: len(vectors)]
        return np.hstack([vectors, rows]).astype(np.float32)

    @property
    def coordinates(self) -> int:
        """How many `beside` adds."""
        return len(SNAPSHOTS) if self.weight or self.level or (self.age and self.age.weight) else 0

    def weights(self) -> dict[str, float]:
        """What was chosen, by name; what has no say is not there."""
        found = {"recent_window": self.window if self.weight else 0.0, "recent_weight": self.weight}
        found |= {"unmet_level": self.level, "age_weight": self.age.weight if self.age else 0.0}
        return {name: value for name, value in found.items() if value}

    def with_chosen(self, other: ItemPopularity) -> ItemPopularity:
        """These items, by the weights of others; the window must be the same."""
        age = self.age and self.age.with_chosen(other.age)
        return dataclasses.replace(self, weight=other.weight, level=other.level, age=age)

    def write(self, folder: str) -> None:
        """Writes the file."""
        tf.io.gfile.makedirs(folder)
        with tf.io.gfile.GFile(os.path.join(folder, _FILE), "wb") as file:
            file.write(_encoded(self))

    @classmethod
    def read(cls, folder: str) -> ItemPopularity:
        """Reads the file."""
        with tf.io.gfile.GFile(os.path.join(folder, _FILE), "rb") as file:
            found = dict(np.load(io.BytesIO(file.read()), allow_pickle=False))
        ages = {name.removeprefix(_OF_AGE): found.pop(name) for name in list(found) if name.startswith(_OF_AGE)}
        age = ItemAge(**ages | {"weight": float(ages["weight"])}) if ages else None
        return cls(**found | {name: float(found[name]) for name in _NUMBERS if name in found}, age=age)


def _encoded(popularity: ItemPopularity) -> bytes:
    """An archive of its arrays."""
    archive = io.BytesIO()
    arrays = {name: value for name, value in vars(popularity).items() if name != "age" and value is not None}
    ages = {_OF_AGE + name: value for name, value in vars(popularity.age).items()} if popularity.age else {}
    np.savez(archive, **arrays, **ages)
    return archive.getvalue()


def item_popularity(splits: Sequence[Taken], num_items: int, window: float = 0.0) -> ItemPopularity:
    """Counts the positives of train, eval and test.

    Args:
        splits: train, eval and test.
        num_items: size of the catalogue.
        window: share of the events, the newest, that "lately" means; 0 = none.
    """
    begins = begins_of(splits)
    dated = bool((begins < NEVER).any())
    counts, recent = np.zeros((num_items, 3), np.int64), np.zeros((num_items, 3), np.float32)
    for column in range(len(SNAPSHOTS)):
        rows = np.concatenate([split.rows for split in splits[: column + 1]])
        counts[:, column] = np.bincount(rows, minlength=num_items)
        if window and dated and len(rows):
            moments = np.concatenate([split.moments for split in splits[: column + 1] if split.moments is not None])
            recent[:, column] = _recent(rows, moments, counts[:, column] > 0, window)
    return ItemPopularity(counts, recent, begins, window if dated else 0.0)


def _recent(rows: Ints, moments: Ints, known: npt.NDArray[np.bool_], window: float) -> Floats:
    """[num_items] log(1 + events) in the newest share of the events, the mean for items without any at all.

    Events of the same moment as the oldest one of the window are in it too.
    """
    newest = max(1, int(len(rows) * window))
    start = np.partition(moments, -newest)[-newest]
    lately = np.log1p(np.bincount(rows[moments >= start], minlength=len(known))).astype(np.float32)
    return np.where(known, lately, lately[known].mean()).astype(np.float32)
