"""How fast the past fades."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from modules.fading_fit import BEGINNING, fit_fading
from modules.history import Recency
from modules.next_item import NextItemRank


class Preference:
    """An eval split that likes one recency best."""

    def __init__(self, best: Recency | None) -> None:
        self._best = best

    def figures(self, towers: Any) -> dict[str, float]:
        """nDCG@10 0.5 for the best, 0.4 for others; nothing if there is no eval split."""
        now = towers.query_tower.recency
        return {NextItemRank.NDCG: 0.5 if now == self._best else 0.4} if self._best else {}


def _towers() -> Any:
    return SimpleNamespace(query_tower=SimpleNamespace(recency=BEGINNING))


def test_the_best_of_the_grid_stays() -> None:
    towers: Any = _towers()
    assert fit_fading(towers, Preference(Recency(50.0, 0.2))) == Recency(50.0, 0.2)  # type: ignore[arg-type]
    assert towers.query_tower.recency == Recency(50.0, 0.2)


def test_order_may_say_nothing() -> None:
    assert fit_fading(_towers(), Preference(Recency())) == Recency()  # type: ignore[arg-type]


def test_without_eval_interactions_nothing_changes() -> None:
    assert fit_fading(_towers(), Preference(None)) == BEGINNING  # type: ignore[arg-type]
