"""Windows cut out of user sequences, and batches of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from modules.ragged import Ints, flat_indices
from modules.user_sequences import UserSequences


def strictly_before(sequences: UserSequences, ordered_by_moment: bool) -> Ints:
    """[n] how many interactions of its user happened before the moment of each one.

    Args:
        sequences: of users.
        ordered_by_moment: whether moments tell; without, every one but the later ones of the user happened before.
    """
    begin = np.repeat(sequences.offsets[:-1], sequences.lengths)
    place = np.arange(len(sequences.items))
    if ordered_by_moment:
        fresh = np.append(True, sequences.moments[1:] != sequences.moments[:-1]) if len(place) else np.empty(0, bool)
        fresh |= place == begin
        place = np.maximum.accumulate(np.where(fresh, place, 0))
    return place - begin


@dataclasses.dataclass(frozen=True)
class Windows:
    """Parts of user sequences: each reads the user's items `first` up to, not including, `end`.

    It predicts the items after its first one up to and including `end`; at the beginning of a sequence the first too.

    Attributes:
        user: [windows] int64 number of the sequence.
        first, end: [windows] int64 places in the sequence.
    """

    user: Ints
    first: Ints
    end: Ints

    def take(self, rows: Ints) -> Windows:
        """Some of them."""
        return Windows(self.user[rows], self.first[rows], self.end[rows])

    @property
    def widths(self) -> Ints:
        """[windows] how many items each reads."""
        return self.end - self.first


def cut(lengths: Ints, length: int, rng: np.random.Generator) -> Windows:
    """Cuts sequences at random, so that each item is predicted once.

    Args:
        lengths: [users] of the sequences, 1 or more.
        length: items that a window reads at most.
        rng: for where the first window of a longer sequence ends.
    """
    head = np.where(lengths <= length + 1, lengths, rng.integers(2, length + 2, len(lengths)))
    counts = 1 + -(-(lengths - head) // length)
    user = np.repeat(np.arange(len(lengths)), counts)
    number = flat_indices(np.zeros_like(counts), counts)
    first = np.where(number > 0, head[user] - 1 + (number - 1) * length, 0)
    end = np.where(number > 0, np.minimum(first + length, lengths[user] - 1), head[user] - 1)
    return Windows(user, first, end)


def grouped(windows: Windows, places: int, rng: np.random.Generator) -> Iterator[Windows]:
    """Batches in random order, of windows of about the same width, so that there are few pads.

    Args:
        windows: to divide.
        places: states a batch at most, one more than it reads for each window; a single window may have more.
        rng: for the order.
    """
    order = rng.permutation(len(windows.user))
    order = order[np.argsort(-windows.widths[order], kind="stable")]
    starts = [0]
    while starts[-1] < len(order):
        widest = int(windows.widths[order[starts[-1]]])
        starts.append(starts[-1] + max(1, places // (1 + widest)))
    for number in rng.permutation(len(starts) - 1):
        yield windows.take(order[starts[number] : starts[number + 1]])
