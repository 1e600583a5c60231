"""The two answers of the judge by hand, while the kind of ranker says nothing yet."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from modules.rankers.judge import INTERACTIONS, Judge
from modules.rankers.target_levels import TargetLevels
from modules.ranking_config import RankingConfig

NONE = np.zeros(1, np.float32)
LEVELS = TargetLevels(3.0, 1.0, 5.0, NONE, NONE)
# Vectors of id, history or raters, features and, of queries, the newest items, of two coordinates each; then the user's
# offset, or the biases of being taken and of the target and the number of raters.
QUERY = tf.constant([[1.0, 0.0, 0.0, 1.0, 2.0, 2.0, 1.0, -1.0, 0.25]])
CANDIDATES = tf.constant([[[0.5, 0.0, 0.0, 0.5, 1.0, -1.0, 0.125, -0.5, 9.0], [9.0, 9.0, 9.0, 9.0, 0, 0, 0, 0, 1.0]]])


def _silent(kind: str, levels: TargetLevels | None = LEVELS) -> Judge:
    judge = Judge(RankingConfig(kind=kind, dimension=2, hidden=(3,)), levels)  # type: ignore[arg-type]
    judge(QUERY, CANDIDATES)
    for weight in judge.weights:
        if weight.shape[-1] == 1 and weight.shape[0] > 2:  # the heads on what the kind says
            weight.assign(tf.zeros_like(weight))
    return judge


@pytest.mark.parametrize("kind", INTERACTIONS)
def test_by_hand(kind: str) -> None:
    judged = _silent(kind)(QUERY, CANDIDATES, training=True)
    # taken: (4 2) · (1.5 -0.5) + 0.125, and (4 2) · (18 18)
    np.testing.assert_allclose(judged["taken"], [[5.125, 108]], rtol=1e-6)
    # target, of id and history alone: 3 + 0.25 - 0.5 + (1 1) · (0.5 0.5), and 3 + 0.25 + (1 1) · (18 18)
    np.testing.assert_allclose(judged["target"], [[3.75, 39.25]], rtol=1e-6)


def test_predicted_targets_stay_within_what_was_seen() -> None:
    np.testing.assert_allclose(_silent("mlp")(QUERY, CANDIDATES)["target"], [[3.75, 5.0]], rtol=1e-6)


def test_without_a_target() -> None:
    assert set(_silent("mlp", None)(QUERY, CANDIDATES)) == {"taken"}
