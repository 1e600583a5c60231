"""How long items have been on sale, and how much more or less is taken of what is of an age."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.ragged import Ints
from modules.raw_columns import read_raw_columns
from modules.taken import NEVER, Taken, begins_of

ALWAYS = -(2**62)
"""The release of an item that has been there as long as anybody knows."""

LATEST = 2**62 - 1
"""No moment is later, so that no age overflows."""

_STEPS = 16  # of half an octave each, from a quarter of the time that train spans down to a thousandth of it
_PSEUDO_TAKES = 5.0
Floats = npt.NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class ItemAge:
    """Of the items of a catalogue.

    Attributes:
        available: [num_items, 3] int64 seconds since the epoch from which each item can be had, as it was known in each
            of `modules.item_popularity.SNAPSHOTS`; `ALWAYS` for one without a release.
        edges: [E] int64 ascending ages in seconds.
        boosts: [E + 1] float32: logarithm of how much more often an item is taken that is as old as the edge of that
            place or younger, and older than the one before; the last one, of older items still, is 0.
        weight: of the boost in the retrieval score.
    """

    available: Ints
    edges: Ints
    boosts: Floats
    weight: float = 0.0

    def boost(self, ages: Ints) -> Floats:
        """[…] float32 of ages […] in seconds; what is still to come counts as just released."""
        found: Floats = self.boosts[np.searchsorted(self.edges, ages)]
        return found

    def boosts_at(self, moments: Ints) -> Floats:
        """[num_items, 3] float32 boosts at the moment [3] at which each snapshot begins."""
        return self.boost(np.minimum(moments, LATEST) - self.available)

    def without_boosts(self) -> ItemAge:
        """These items, as if no age were better than another."""
        return dataclasses.replace(self, boosts=np.zeros_like(self.boosts))

    def with_chosen(self, other: ItemAge | None) -> ItemAge:
        """These items, by the boosts and the weight of others."""
        if other is None:
            return dataclasses.replace(self, weight=0.0)
        return ItemAge(self.available, other.edges, other.boosts, other.weight)


def read_releases(folder: str, released: str) -> Ints:
    """[num_items] int64: the value of the column `released` of each candidate; `ALWAYS` where it has none."""
    raw = read_raw_columns(folder, {released: tf.int64})[released]
    releases = np.full(len(raw), ALWAYS)
    has_one = np.diff(raw.row_splits) > 0
    releases[has_one] = raw.values[raw.row_splits[:-1][has_one]]
    return releases


def item_age(releases: Ints, splits: Sequence[Taken]) -> ItemAge:
    """The ages, and what train says of them.

    Args:
        releases: [num_items] int64 seconds since the epoch; `ALWAYS` where there is none. An item that was taken before
            its release has been there since it was first taken.
        splits: positives of train, eval and test. Where they do not follow each other in time, ages say nothing.
    """
    available = np.stack([_since(releases, splits[: column + 1]) for column in range(len(splits))], axis=1)
    train = splits[0]
    if (begins_of(splits) == NEVER).all() or train.moments is None:
        return ItemAge(available, np.empty(0, np.int64), np.zeros(1, np.float32))
    span = int(train.moments.max() - train.moments.min())
    edges = np.unique((span / 4 / 2 ** (np.arange(_STEPS + 1) / 2)).astype(np.int64))
    edges = edges[edges > 0]
    return ItemAge(available, edges, boosts_by_age(available[:, 0], train, edges))


def boosts_by_age(available: Ints, taken: Taken, edges: Ints) -> Floats:
    """[E + 1] float32, as in `ItemAge`.

    Whenever anything was taken, everything on sale could have been. So the boost of a range of ages is the logarithm of
    what was taken of it over what could have been expected by how many items of such ages there were at these moments;
    with a few pseudo takes that were just as expected, as little data says little. A take in the very second of a
    release does not count, for the release may be known by it alone.

    Args:
        available: [num_items] from when each item was there.
        taken: of which the boosts are learned, with moments.
        edges: [E] ascending.
    """
    assert taken.moments is not None
    ages = taken.moments - available[taken.rows]
    takes = np.bincount(np.searchsorted(edges, ages[ages > 0]), minlength=len(edges) + 1)
    moments = np.sort(taken.moments)
    until = [np.searchsorted(moments, available + edge, side="right").sum() for edge in (0, *edges.tolist())]
    exposures = np.diff([*until, len(moments) * len(available)])
    expected = exposures * (takes.sum() / max(exposures.sum(), 1))
    boosts = np.log((takes + _PSEUDO_TAKES) / (expected + _PSEUDO_TAKES))
    return (boosts - boosts[-1]).astype(np.float32)


def _since(releases: Ints, splits: Sequence[Taken]) -> Ints:
    """[num_items] int64: the release, or the first take if that was before."""
    since = releases.astype(np.int64)
    for split in splits:
        if split.moments is not None:
            np.minimum.at(since, split.rows, split.moments)
    return since
