"""What other rules and another diversity would make of an answer, by the servable's own definition.

Both are built into a servable (docs/serving.md), so the page applies them to the candidates that it returns.
`modules/serving/reranking.py` is the same for batches, in TensorFlow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from modules.serving.rules import Rules
from playground.recommender import Shown

Cosines = npt.NDArray[np.floating[Any]]
Categories = Mapping[str, Mapping[str, Sequence[str]]]  # column → item → values
CANDIDATES = 200  # of an answer that are reordered: as many as a servable ranks by default


def previewed(
    candidates: Sequence[Shown],
    k: int,
    diversity: float = 0.0,
    cosines: Cosines | None = None,
    rules: Rules = Rules(),  # noqa: B008 (frozen)
    categories: Categories | None = None,
) -> list[Shown]:
    """The first k of the candidates: pins first, no denied ones, within caps, each the best given those before it.

    Args:
        candidates: best first. Pinned items that are not among them are left out.
        k: how many.
        diversity: λ from 0 to below 1: relevance, the score scaled to 0…1, counts 1 − λ, the cosine to the most similar
            item chosen so far −λ.
        cosines: [N, N] of the candidates; needed with diversity.
        rules: to apply.
        categories: values of capped columns; needed with caps.
    """
    allowed = [place for place, one in enumerate(candidates) if one.item not in rules.deny]
    pinned = sorted(
        (place for place in allowed if candidates[place].item in rules.pin),
        key=lambda place: rules.pin.index(candidates[place].item),
    )
    left = [place for place in allowed if place not in pinned]
    relevance = _scaled([candidates[place].score for place in left])
    worth = dict(zip(left, relevance, strict=True))
    nearest = dict.fromkeys(left, -1.0)
    used = _Used(rules, categories or {})
    chosen: list[int] = []
    while len(chosen) < k and (pinned or left):
        if pinned:
            choice = pinned.pop(0)
        else:
            within = [place for place in left if used.allows(candidates[place].item)] or left
            choice = max(within, key=lambda place: (1 - diversity) * worth[place] - diversity * nearest[place])
            left.remove(choice)
        chosen.append(choice)
        used.add(candidates[choice].item)
        if diversity and cosines is not None:
            for place in left:
                nearest[place] = max(nearest[place], float(cosines[choice, place]))
    return [candidates[place] for place in chosen]


class _Used:
    """How many chosen items have a value of a capped column."""

    def __init__(self, rules: Rules, categories: Categories) -> None:
        self._caps, self._categories = rules.cap, categories
        self._counts: dict[tuple[str, str], int] = {}

    def allows(self, item: str) -> bool:
        return all(self._counts.get(value, 0) < self._caps[value[0]] for value in self._values(item))

    def add(self, item: str) -> None:
        for value in self._values(item):
            self._counts[value] = self._counts.get(value, 0) + 1

    def _values(self, item: str) -> list[tuple[str, str]]:
        return [
            (column, value)
            for column in self._caps
            for value in dict.fromkeys(self._categories.get(column, {}).get(item, ()))
        ]


def _scaled(scores: Sequence[float]) -> list[float]:
    """Moved to [0, 1]; equals become 0."""
    if not scores:
        return []
    low, high = min(scores), max(scores)
    return [(score - low) / (high - low) if high > low else 0.0 for score in scores]
