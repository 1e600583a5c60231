"""What a person may choose about serving, and what the evaluation chose for it."""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

from modules.errors import InputError
from modules.roles import Roles
from modules.serving.rules import categorical_item_columns

HISTORY_UNTIL = ("all", "eval", "train")


@dataclasses.dataclass(frozen=True)
class ServingConfig:
    """The `[serving]` section of the configuration.

    Attributes:
        retrieve_k: candidates that reach the ranker (more, if a request asks for more items). Default: 200, or the
            whole catalogue if that is smaller.
        diversity: 0 (off) ≤ diversity < 1: how much the answer avoids items alike (MMR; see `reranking`).
        calibration: 0 (off) ≤ calibration < 1: how much the answer's mix of categories follows that of the history
            (see `calibration`).
        calibrated: the categorical item column that this is about. Needed with calibration.
        exploration: 0 (off) ≤ exploration < 1: share of an answer's places that go to items hardly anybody took yet.
        exploration_below: an item taken fewer times than this is one of them.
        rules: path of a YAML file with items to deny and to pin and caps per category (see `rules`). Default: none.
        history_until: how far the built-in histories reach: "all" (the newest interaction; what production wants),
            "eval" or "train" (what a protocol with held-out rows needs).

    Raises:
        InputError: a value of the wrong type or out of its range.
    """

    retrieve_k: int | None = None
    diversity: float = 0.0
    calibration: float = 0.0
    calibrated: str | None = None
    exploration: float = 0.0
    exploration_below: int = 5
    rules: str | None = None
    history_until: Literal["all", "eval", "train"] = "all"

    def __post_init__(self) -> None:
        depth = self.retrieve_k
        if depth is not None and (type(depth) is not int or depth < 1):
            raise InputError("[serving] retrieve_k", "a whole number above 0", repr(depth))
        for name in ("diversity", "calibration", "exploration"):
            share = getattr(self, name)
            if type(share) not in (int, float) or not 0 <= share < 1:
                raise InputError(f"[serving] {name}", "a number from 0 to below 1", repr(share))
        if self.calibration and not self.calibrated:
            raise InputError("[serving] calibrated", "the item column that calibration is about", "none")
        if type(self.exploration_below) is not int or self.exploration_below < 1:
            raise InputError("[serving] exploration_below", "a whole number above 0", repr(self.exploration_below))
        if self.rules is not None and (not isinstance(self.rules, str) or not self.rules):
            raise InputError("[serving] rules", "the path of a YAML file", repr(self.rules))
        if self.history_until not in HISTORY_UNTIL:
            raise InputError("[serving] history_until", f"one of {', '.join(HISTORY_UNTIL)}", repr(self.history_until))

    def check(self, roles: Roles) -> None:
        """Raises InputError where `calibrated` is not a categorical column of the items."""
        columns = categorical_item_columns(roles)
        if self.calibrated is not None and self.calibrated not in columns:
            known = ", ".join(columns) or "which this schema has none of"
            raise InputError("[serving] calibrated", f"a categorical item column ({known})", self.calibrated)

    def depth(self, catalogue_size: int) -> int:
        """Candidates that reach the ranker, out of a catalogue of that size."""
        return min(200 if self.retrieve_k is None else self.retrieve_k, catalogue_size)


@dataclasses.dataclass(frozen=True)
class Blend:
    """Weights of the final score: a sum of the retrieval score, the ranker's two predictions and recent popularity.

    `unmet` is not a weight but a level: what items have more that nobody had taken in train.

    Raises:
        ValueError: a weight is not finite, or all are 0.
    """

    retrieval: float = 1.0
    taken: float = 0.0
    target: float = 0.0
    recent: float = 0.0
    unmet: float = 0.0

    def __post_init__(self) -> None:
        weights = (self.retrieval, self.taken, self.target, self.recent, self.unmet)
        if not all(math.isfinite(weight) for weight in weights) or not any(weights):
            raise ValueError(f"a blend needs finite weights, not all 0: {weights}")

    @property
    def needs_ranker(self) -> bool:
        """Whether the ranker has a say."""
        return self.taken != 0 or self.target != 0
