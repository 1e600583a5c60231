"""Means, shrunk as if five more interactions lay on them."""

from __future__ import annotations

import numpy as np

from modules.rankers.target_levels import TargetLevels

# The mean is 3. Item 0: (+1 +2) / (2 + 5); item 1: -3 / 6. Index 2 is beyond the vocabulary of items.
USERS, ITEMS = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 2])
TARGETS = np.array([4, 5, 0, 3], np.float32)
LEVELS = TargetLevels.of(USERS, ITEMS, TARGETS, 2, 2)


def test_levels_by_hand() -> None:
    assert (LEVELS.mean, LEVELS.lowest, LEVELS.highest) == (3.0, 0.0, 5.0)
    np.testing.assert_allclose(LEVELS.items, [3 / 7, -1 / 2], rtol=1e-6)
    # What is left: user 0: 1 - 3/7 and -3 + 1/2; user 1: 2 - 3/7 and 0.
    np.testing.assert_allclose(LEVELS.users, [(4 / 7 - 5 / 2) / 7, (11 / 7) / 7], rtol=1e-6)


def test_residuals_by_hand() -> None:
    found = LEVELS.residuals(np.array([1, 2]), np.array([1, 2]), np.array([3, 4], np.float32))
    np.testing.assert_allclose(found, [0.5 - 11 / 49, 1.0], rtol=1e-5)  # unknown ones have no offset
