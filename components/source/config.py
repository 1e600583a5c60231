"""The `[data]` section of the configuration: what is read from the source and how it is cut."""

from __future__ import annotations

import dataclasses
import math

from modules.errors import InputError


@dataclasses.dataclass(frozen=True)
class DataConfig:
    """The `[data]` section. Every key has a default.

    Attributes:
        positive_min: a target at or above it is a positive for retrieval; None: every interaction is one.
        event_weights: weight of an interaction by the kind in the `event` column; 0 is "shown and not taken", a
            negative. Empty: every kind weighs 1. Not empty: a kind that is not listed is refused.
        max_unknown_items: greatest share of interactions, in [0, 1], whose item is not in `items`; up to it they are
            dropped and counted, above it the data is refused.
        history_length: how many of the newest items a query knows of its user.
        example_history: how many of these a training example carries; trainers put longer histories together from the
            interactions themselves.
        eval_fraction: share of the interactions set aside for tuning and gating, where no `split` column says it.
        test_fraction: share of the interactions set aside for the final report, where no `split` column says it.
        partition_rows: rows that one worker reads from a table in one go.
        max_cell_bytes: longest text of a cell, in bytes of UTF-8.

    Raises:
        InputError: a value is out of its range.
    """

    positive_min: float | None = None
    event_weights: dict[str, float] = dataclasses.field(default_factory=dict)
    max_unknown_items: float = 0.01
    history_length: int = 500
    example_history: int = 50
    eval_fraction: float = 0.1
    test_fraction: float = 0.1
    partition_rows: int = 50_000
    max_cell_bytes: int = 1_000_000

    def __post_init__(self) -> None:
        if self.positive_min is not None:
            _demand(math.isfinite(self.positive_min), "positive_min", "a finite number", self.positive_min)
        for event, weight in self.event_weights.items():
            right = math.isfinite(weight) and weight >= 0
            _demand(right, f"event_weights.{event}", "a finite weight of 0 or more", weight)
        if self.event_weights:
            some = any(weight > 0 for weight in self.event_weights.values())
            _demand(some, "event_weights", "a weight above 0 for some kind", self.event_weights)
        _demand(0 <= self.max_unknown_items <= 1, "max_unknown_items", "a share from 0 to 1", self.max_unknown_items)
        for key in ("eval_fraction", "test_fraction"):
            _demand(0 < getattr(self, key) < 1, key, "a share between 0 and 1", getattr(self, key))
        rest = 1 - self.eval_fraction - self.test_fraction
        _demand(rest > 0, "eval_fraction", "something left to train on beside test_fraction", self.eval_fraction)
        for key in ("history_length", "example_history", "partition_rows", "max_cell_bytes"):
            _demand(getattr(self, key) >= 1, key, "1 or more", getattr(self, key))


def _demand(right: bool, key: str, expected: str, received: object) -> None:
    if not right:
        raise InputError(f"config [data] {key}", expected, received)
