"""What a user had done before a moment: windows over the user's own interactions."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from components.example_gen.splits import EVAL, TEST, TRAIN
from modules.ragged import Ints, flat_indices, offsets_of


@dataclasses.dataclass(frozen=True)
class Windows:
    """For every row, some rows of the same user, oldest first.

    Attributes:
        rows: [total] int64 numbers of rows, one window after the other.
        offsets: [windows + 1] int64 where each window begins in `rows`.
    """

    rows: Ints
    offsets: Ints

    def newest(self, lengths: Ints) -> Windows:
        """The last rows of each window, as many as `lengths` [windows] says at most."""
        kept = np.minimum(np.diff(self.offsets), lengths)
        return Windows(self.rows[flat_indices(self.offsets[1:] - kept, kept)], offsets_of(kept))


@dataclasses.dataclass(frozen=True)
class Timeline:
    """The interactions of some users, sorted by user and time.

    Attributes:
        user: [rows] int64 number of the user, ascending.
        time: [rows] int64 seconds, ascending within a user; None where interactions have no time.
        split: [rows] int8, see `splits`.
        taken: [rows] bool: the user took the item (false: it was only shown).
    """

    user: Ints
    time: Ints | None
    split: npt.NDArray[np.int8]
    taken: npt.NDArray[np.bool_]

    def before(self, rows: Ints, length: int | None, by_time_only: bool, held_out_see_all: bool = False) -> Windows:
        """The last `length` (None: all) taken interactions before each of some rows.

        Strictly before: rows of the same second do not see each other. Without times, a row sees the user's others.
        Rows of train see train only. With a split by time the clock alone keeps the future out (`by_time_only`);
        otherwise eval sees train, and test sees train and eval: what was before the row, or (`held_out_see_all`) all
        of it, as a query about all held-out items of the user does.
        """
        length = len(self.user) if length is None else length
        if by_time_only:
            return self._windows(rows, TEST, length)
        split = self.split[rows]
        held_out = self._all_of if held_out_see_all else self._windows
        parts = [
            (places := np.flatnonzero(split == of), windows(rows[places], until, length))
            for of, until, windows in (
                (TRAIN, TRAIN, self._windows),
                (EVAL, TRAIN, held_out),
                (TEST, EVAL, held_out),
            )
        ]
        return _interleave(len(rows), parts)

    def until(self, split: int, users: Ints, length: int | None) -> Windows:
        """For each of `users`, the last `length` (None: all) taken interactions in `split` and earlier ones."""
        kept = np.flatnonzero(self.taken & (self.split <= split))
        keys = self.user[kept]
        starts, ends = np.searchsorted(keys, users, "left"), np.searchsorted(keys, users, "right")
        if length is not None:
            starts = np.maximum(starts, ends - length)
        lengths = ends - starts
        return Windows(kept[flat_indices(starts, lengths)], offsets_of(lengths))

    def _all_of(self, chosen: Ints, until: int, length: int) -> Windows:
        """For each of the `chosen` rows, its user's windows over the splits up to `until`."""
        return self.until(until, self.user[chosen], length)

    def _windows(self, chosen: Ints, until: int, length: int) -> Windows:
        """Windows for the `chosen` rows over the taken rows of splits up to `until`."""
        kept = np.flatnonzero(self.taken & (self.split <= until))
        starts = np.searchsorted(self.user[kept], self.user[chosen], "left")
        if self.time is None:
            ends = np.searchsorted(self.user[kept], self.user[chosen], "right")
            return _without_self(kept, chosen, starts, ends, length)
        # (user, time) as one sortable number: times are replaced by their rank among all times of the shard.
        rank = np.unique(self.time, return_inverse=True)[1].astype(np.int64)
        key = self.user * (int(rank.max(initial=0)) + 1) + rank
        ends = np.searchsorted(key[kept], key[chosen], "left")
        starts = np.maximum(starts, ends - length)
        lengths = ends - starts
        return Windows(kept[flat_indices(starts, lengths)], offsets_of(lengths))


def _without_self(kept: Ints, chosen: Ints, starts: Ints, ends: Ints, length: int) -> Windows:
    """The last `length` kept rows of each range, leaving out the chosen row itself."""
    place = np.searchsorted(kept, chosen)
    inside = (place < len(kept)) & (np.append(kept, -1)[np.minimum(place, len(kept))] == chosen)
    # One row more where the range holds the chosen row, which is then dropped.
    starts = np.maximum(starts, ends - length - inside)
    dropped = inside & (place >= starts)
    starts = np.where(inside & ~dropped, ends - length, starts)
    lengths = ends - starts
    rows = kept[flat_indices(starts, lengths)]
    rows = rows[rows != np.repeat(chosen, lengths)]
    return Windows(rows, offsets_of(lengths - dropped))


def _interleave(count: int, parts: list[tuple[Ints, Windows]]) -> Windows:
    """`count` windows in one, from parts: the places of some of them, and these."""
    lengths = np.zeros(count, np.int64)
    for places, windows in parts:
        lengths[places] = np.diff(windows.offsets)
    offsets = offsets_of(lengths)
    rows = np.empty(int(offsets[-1]), np.int64)
    for places, windows in parts:
        rows[flat_indices(offsets[places], lengths[places])] = windows.rows
    return Windows(rows, offsets)
