"""AUC and log loss."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.metrics.sorting import auc, log_loss


def test_by_hand() -> None:
    scores, taken = np.array([0.9, 0.6, 0.2, 0.6, 0.1]), np.array([True, True, True, False, False])
    assert auc(scores, taken) == pytest.approx(4.5 / 6)  # pairs won: .9 twice, .6 over .1, .2 over .1; one tie
    assert auc(scores, np.ones(5, bool)) == auc(scores, np.zeros(5, bool)) == 0.5
    assert math.isnan(auc(np.array([np.nan, 1.0]), np.array([True, False])))
    assert log_loss(np.array([0.8, 0.4]), np.array([True, False])) == pytest.approx(
        -(math.log(0.8) + math.log(0.6)) / 2
    )
    assert log_loss(np.array([0.0]), np.array([True])) == pytest.approx(-math.log(1e-7))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=15))
def test_is_the_share_of_pairs_won(rows: list[tuple[int, bool]]) -> None:
    pairs = [(p > n) + (p == n) / 2 for p, taken in rows if taken for n, other in rows if not other]
    expected = sum(pairs) / len(pairs) if pairs else 0.5
    assert auc(np.array([s for s, _ in rows], float), np.array([t for _, t in rows])) == pytest.approx(expected)
