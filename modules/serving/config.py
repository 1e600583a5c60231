"""What a person may choose about serving, and what the evaluation chose for it."""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

from modules import index
from modules.errors import InputError

HISTORY_UNTIL = ("all", "eval", "train")


@dataclasses.dataclass(frozen=True)
class ServingConfig:
    """The `[serving]` section of the configuration.

    Attributes:
        retrieve_k: candidates that reach the ranker (more, if a request asks for more items). Default: 200, or the
            whole catalogue if that is smaller.
        diversity: 0 (off) ≤ diversity < 1: how much the answer avoids items alike (MMR; see `reranking`).
        rules: path of a YAML file with items to deny and to pin and caps per category (see `rules`). Default: none.
        history_until: how far the built-in histories reach: "all" (the newest interaction; what production wants),
            "eval" or "train" (what a protocol with held-out rows needs).
        index: kind of index (see `modules.index.KINDS`).

    Raises:
        InputError: a value of the wrong type or out of its range.
    """

    retrieve_k: int | None = None
    diversity: float = 0.0
    rules: str | None = None
    history_until: Literal["all", "eval", "train"] = "all"
    index: str = "exact"

    def __post_init__(self) -> None:
        depth, diversity = self.retrieve_k, self.diversity
        if depth is not None and (type(depth) is not int or depth < 1):
            raise InputError("[serving] retrieve_k", "a whole number above 0", repr(depth))
        if type(diversity) not in (int, float) or not 0 <= diversity < 1:
            raise InputError("[serving] diversity", "a number from 0 to below 1", repr(diversity))
        if self.rules is not None and (not isinstance(self.rules, str) or not self.rules):
            raise InputError("[serving] rules", "the path of a YAML file", repr(self.rules))
        if self.history_until not in HISTORY_UNTIL:
            raise InputError("[serving] history_until", f"one of {', '.join(HISTORY_UNTIL)}", repr(self.history_until))
        if self.index not in index.KINDS:
            raise InputError("[serving] index", f"one of {', '.join(index.KINDS)}", repr(self.index))

    def depth(self, catalogue_size: int) -> int:
        """Candidates that reach the ranker, out of a catalogue of that size."""
        return min(200 if self.retrieve_k is None else self.retrieve_k, catalogue_size)


@dataclasses.dataclass(frozen=True)
class Blend:
    """Weights of the final score: a sum of the retrieval score and the ranker's two predictions.

    Raises:
        ValueError: a weight is not finite, or all are 0.
    """

    retrieval: float = 1.0
    taken: float = 0.0
    target: float = 0.0

    def __post_init__(self) -> None:
        weights = (self.retrieval, self.taken, self.target)
        if not all(math.isfinite(weight) for weight in weights) or not any(weights):
            raise ValueError(f"a blend needs finite weights, not all 0: {weights}")

    @property
    def needs_ranker(self) -> bool:
        """Whether the ranker has a say."""
        return self.taken != 0 or self.target != 0
