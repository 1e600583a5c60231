"""How high targets are: on the whole, of each item and of each user."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from modules.ragged import Ints

Floats = npt.NDArray[np.float32]
SHRINKAGE = 5.0  # as if this many more interactions lay right on the mean


@dataclasses.dataclass(frozen=True)
class TargetLevels:
    """What to expect of a target before anything is known of taste.

    The offsets are shrunk means, as in Koren and Bell, "Advances in collaborative filtering" (Recommender Systems
    Handbook): an item's of the targets less the mean, a user's of what the items' offsets leave.

    Attributes:
        mean, lowest, highest: of the train split.
        items: [item vocabulary] float32 offset of each item.
        users: [user vocabulary] float32 offset of each user.
    """

    mean: float
    lowest: float
    highest: float
    items: Floats
    users: Floats

    @classmethod
    def of(cls, users: Ints, items: Ints, targets: Floats, num_users: int, num_items: int) -> TargetLevels:
        """Levels of some interactions.

        Args:
            users, items: [n] indices of the vocabularies; beyond them they count for the mean alone.
            targets: [n] float32, at least one.
            num_users, num_items: sizes of the vocabularies.
        """
        mean = float(np.mean(targets, dtype=np.float64))
        of_items = _shrunk_means(items, targets - mean, num_items)
        left = targets - mean - np.append(of_items, 0)[np.minimum(items, num_items)]
        of_users = _shrunk_means(users, left, num_users)
        return cls(mean, float(targets.min()), float(targets.max()), of_items, of_users)

    def residuals(self, users: Ints, items: Ints, targets: Floats) -> Floats:
        """[n] float32: the targets less the mean and both offsets."""
        offsets = np.append(self.items, 0)[np.minimum(items, len(self.items))]
        offsets = offsets + np.append(self.users, 0)[np.minimum(users, len(self.users))]
        return (targets - self.mean - offsets).astype(np.float32)


def _shrunk_means(groups: Ints, values: Floats, size: int) -> Floats:
    known = groups < size
    sums = np.bincount(groups[known], values[known], minlength=size)
    counts = np.bincount(groups[known], minlength=size)
    return (sums / (counts + SHRINKAGE)).astype(np.float32)
