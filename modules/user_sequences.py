"""Interactions regrouped by user: whole histories, where examples carry the newest few items only."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from modules.ragged import Ints, offsets_of

Floats = npt.NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class UserSequences:
    """The interactions of each user, oldest first.

    Attributes:
        users: [num_users] int64 index of each user in the vocabulary of users, ascending.
        offsets: [num_users + 1] int64 where each user's run begins in the arrays below.
        items: [n] int64 rows of the catalogue.
        moments: [n] int64 seconds since the epoch, ascending within a user; 0 throughout without times.
        weights: [n] float32, above 0 for positives.
        targets: [n] float32, NaN where there is none.
        rows: [n] int64 which interaction of the columns this is.
    """

    users: Ints
    offsets: Ints
    items: Ints
    moments: Ints
    weights: Floats
    targets: Floats
    rows: Ints

    @classmethod
    def of(
        cls, users: Ints, items: Ints, moments: Ints, weights: Floats, targets: Floats | None = None
    ) -> UserSequences:
        """Sorts interactions by user and moment; of the same second, in the order they come in.

        Args:
            users, items, moments, weights, targets: [n] of each interaction; see the class.
        """
        order = np.lexsort((moments, users)).astype(np.int64)
        distinct, lengths = np.unique(users[order], return_counts=True)
        unknown = np.full(len(order), np.nan, np.float32)
        return cls(
            users=distinct.astype(np.int64),
            offsets=offsets_of(lengths.astype(np.int64)),
            items=items[order],
            moments=moments[order],
            weights=weights[order],
            targets=unknown if targets is None else targets[order].astype(np.float32),
            rows=order,
        )

    def __len__(self) -> int:
        """How many users there are."""
        return len(self.users)

    @property
    def lengths(self) -> Ints:
        """[num_users] interactions of each user."""
        return np.diff(self.offsets)

    def where(self, kept: npt.NDArray[np.bool_]) -> UserSequences:
        """The sequences without some interactions, and without users that have none left.

        Args:
            kept: [n] which interactions stay.
        """
        owner = np.repeat(np.arange(len(self)), self.lengths)[kept]
        counts = np.bincount(owner, minlength=len(self)).astype(np.int64)
        some = counts > 0
        return UserSequences(
            self.users[some],
            offsets_of(counts[some]),
            self.items[kept],
            self.moments[kept],
            self.weights[kept],
            self.targets[kept],
            self.rows[kept],
        )

    def distinct_positives(self) -> UserSequences:
        """The positives of each user, each item once: its newest interaction."""
        positives = self.where(self.weights > 0)
        owner = np.repeat(np.arange(len(positives)), positives.lengths)
        pairs = owner * (positives.items.max(initial=0) + 1) + positives.items
        newest = np.zeros(len(pairs), bool)
        newest[len(pairs) - 1 - np.unique(pairs[::-1], return_index=True)[1]] = True
        return positives.where(newest)
