"""What the lists are made from, and the lists."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from modules.serving.rules import Rules
from playground.catalogue import Catalogue
from playground.preview import CANDIDATES, previewed
from playground.reasons import because, reasons
from playground.recommender import Question, Recommender, Shown, cosines

_MOST_CANDIDATES, _DEPTH = 2000, 1000


@dataclasses.dataclass(frozen=True)
class View:
    """What the lists are made from.

    Attributes:
        recommender: that is asked.
        catalogue: of its version.
        question: who asks.
        history: that the answer rests on, as far as it is known; oldest first.
        k: items of a list.
        diversity, rules: to be tried on top of what is built in.
    """

    recommender: Recommender
    catalogue: Catalogue
    question: Question
    history: tuple[str, ...]
    k: int
    diversity: float
    rules: Rules

    def final(self) -> list[Shown]:
        """The final order, with the diversity and the rules that are tried."""
        if not self.diversity and self.rules == Rules():
            return self.recommender.recommend(self.question, self.k)
        # A pin may be far down; all that are eligible are somewhere in an answer that is long enough.
        size = len(self.catalogue.titles) or CANDIDATES
        found = self.recommender.recommend(self.question, min(size, _MOST_CANDIDATES) if self.rules.pin else CANDIDATES)
        candidates = [one for place, one in enumerate(found) if place < CANDIDATES or one.item in self.rules.pin]
        near = None
        if self.diversity:
            near = cosines(self.recommender, [one.item for one in candidates], min(size, _DEPTH))
        return previewed(candidates, self.k, self.diversity, near, self.rules, self.catalogue.categories)

    def why(self, shown: Sequence[Shown]) -> dict[str, str]:
        """Which items of the history are most like each item that is shown; no entry where none is."""
        if not self.history:
            return {}
        found = reasons(self.recommender, list(dict.fromkeys(one.item for one in shown)), self.history)
        said = {item: because(near, self.catalogue.titles) for item, near in found.items()}
        return {item: f"like {text}" for item, text in said.items() if text}
