"""How often items were taken, overall and lately, as it was known at three moments."""

from __future__ import annotations

import dataclasses
import io
import itertools
import os
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.ragged import Ints

SNAPSHOTS = ("train", "eval", "all")
"""What each snapshot knows: train; train and eval; everything."""

WINDOWS = (0.01, 0.02, 0.05)
"""Shares of the events, the newest ones, that "lately" may mean."""

NEVER = np.iinfo(np.int64).max
_FILE = "popularity.npz"
Floats = npt.NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class Taken:
    """Positive interactions of one split.

    Attributes:
        rows: [n] int64 rows of the catalogue, none negative.
        moments: [n] int64 seconds since the epoch; None where interactions have no time.
    """

    rows: Ints
    moments: Ints | None


@dataclasses.dataclass(frozen=True)
class ItemPopularity:
    """Of the items of a catalogue; a column for each of `SNAPSHOTS`.

    Attributes:
        counts: [num_items, 3] int64, how often each was taken.
        recent: [num_items, 3] float32, log(1 + how often lately); of an item that nobody had taken by then, the mean
            of those that somebody had, for nothing speaks against it. Zeros without a window.
        begins: [3] int64, the first moment at which each snapshot is of the past; `NEVER` throughout where the splits
            do not follow each other in time.
        window: share of the events that "lately" means; 0 = none.
        weight: of `recent` in the retrieval score.
    """

    counts: Ints
    recent: Floats
    begins: Ints
    window: float = 0.0
    weight: float = 0.0

    @classmethod
    def unknown(cls, num_items: int) -> ItemPopularity:
        """Of items that nobody took, as far as is known."""
        nothing = np.zeros((num_items, len(SNAPSHOTS)))
        never = np.full(len(SNAPSHOTS), NEVER)
        return cls(nothing.astype(np.int64), nothing.astype(np.float32), never)

    def beside(self, vectors: Floats) -> Floats:
        """`vectors` [num_items or one more, D] with the coordinates that recency takes part in retrieval by.

        The row that may follow the items stands for an unknown one and gets the mean.

        Returns:
            [rows, D + 3] float32; `vectors` themselves where recency has no weight.
        """
        if not self.weight:
            return vectors
        rows = np.vstack([self.recent, self.recent.mean(axis=0)])[: len(vectors)]
        return np.hstack([vectors, rows]).astype(np.float32)

    @property
    def coordinates(self) -> int:
        """How many `beside` adds."""
        return len(SNAPSHOTS) if self.weight else 0

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
        return cls(**found | {name: float(found[name]) for name in ("window", "weight")})


def _encoded(popularity: ItemPopularity) -> bytes:
    """An archive of its arrays."""
    archive = io.BytesIO()
    np.savez(archive, **dataclasses.asdict(popularity))
    return archive.getvalue()


def item_popularity(splits: Sequence[Taken], num_items: int, window: float = 0.0) -> ItemPopularity:
    """Counts the positives of train, eval and test.

    Args:
        splits: train, eval and test.
        num_items: size of the catalogue.
        window: share of the events, the newest, that "lately" means; 0 = none.
    """
    begins = _begins(splits)
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


def _begins(splits: Sequence[Taken]) -> Ints:
    """[3] the moment from which each snapshot is of the past: that of the first event after those that it counts."""
    never = np.full(len(SNAPSHOTS), NEVER)
    spans = [(part.moments.min(), part.moments.max()) for part in splits if part.moments is not None and len(part.rows)]
    if any(part.moments is None for part in splits) or not len(splits[0].rows):
        return never
    if any(earlier[1] >= later[0] for earlier, later in itertools.pairwise(spans)):
        return never
    firsts = [int(part.moments.min()) if len(part.rows) else NEVER for part in splits[1:] if part.moments is not None]
    begins = np.array([*firsts, spans[-1][1] + 1])
    return np.minimum.accumulate(begins[::-1])[::-1].astype(np.int64)
