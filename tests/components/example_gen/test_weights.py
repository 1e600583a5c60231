"""Weights of interactions."""

from __future__ import annotations

import numpy as np

from components.example_gen.weights import event_weights, interaction_weights
from components.source import DataConfig

_EVENTS = np.array(["view", "buy", "shown", "buy"], object)
_WEIGHTS = DataConfig(event_weights={"view": 0.5, "buy": 3.0, "shown": 0.0})


def test_kinds_of_events() -> None:
    found = event_weights(_EVENTS, 4, _WEIGHTS)
    assert found.dtype == np.float32 and found.tolist() == [0.5, 3.0, 0.0, 3.0]


def test_without_kinds_or_weights_all_count_the_same() -> None:
    assert event_weights(None, 2, _WEIGHTS).tolist() == [1.0, 1.0]
    assert event_weights(_EVENTS, 4, DataConfig()).tolist() == [1.0] * 4


def test_targets_below_the_least_positive_are_negatives() -> None:
    targets = np.array([3.9, 4.0, 5.0, 5.0], np.float32)
    by_event = event_weights(_EVENTS, 4, _WEIGHTS)
    config = DataConfig(positive_min=4.0)
    found = interaction_weights(by_event, targets, config)
    assert found.dtype == np.float32 and found.tolist() == [0.0, 3.0, 0.0, 3.0]
    assert interaction_weights(by_event, None, config).tolist() == [0.5, 3.0, 0.0, 3.0]
    assert interaction_weights(by_event, targets, DataConfig()).tolist() == [0.5, 3.0, 0.0, 3.0]
