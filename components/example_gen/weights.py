"""How much an interaction counts: 0 for a negative, more for a positive."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from components.source.config import DataConfig

Floats = npt.NDArray[np.float32]


def event_weights(events: npt.NDArray[np.object_] | None, rows: int, config: DataConfig) -> Floats:
    """[rows] float32 weight of each row's kind of event; 1 where there are no kinds or none has a weight."""
    if events is None or not config.event_weights:
        return np.ones(rows, np.float32)
    return np.array([config.event_weights[event] for event in events], np.float32)


def interaction_weights(by_event: Floats, targets: Floats | None, config: DataConfig) -> Floats:
    """[rows] float32: the event's weight, or 0 where the target is below `positive_min`."""
    if targets is None or config.positive_min is None:
        return by_event
    return np.where(targets >= config.positive_min, by_event, np.float32(0)).astype(np.float32)
