"""How fast the past fades: chosen on the eval split."""

from __future__ import annotations

import itertools
from typing import Any, Protocol

from modules.history import Recency
from modules.next_item import NextItemRank, Retrieving

BEGINNING = Recency(fading=10.0, floor=0.1)
FADINGS, FLOORS = (5.0, 10.0, 20.0, 50.0), (0.05, 0.2)


class Fading(Retrieving, Protocol):
    """Towers whose query tower has a `recency`."""

    query_tower: Any


def fit_fading(towers: Fading, rank: NextItemRank) -> Recency:
    """Sets the recency of the query tower's history to the one, out of a grid, whose nDCG@10 on eval is greatest.

    Training takes a user's items as a set, which needs far fewer examples than every order they may come in. That newer
    items say more is left to this one choice afterwards.

    Args:
        towers: trained.
        rank: asks the eval split.

    Returns:
        what was chosen; without eval interactions, what was there.
    """
    tower = towers.query_tower
    before: Recency = tower.recency
    fades = [Recency(), BEGINNING, *(Recency(*pair) for pair in itertools.product(FADINGS, FLOORS))]
    found: dict[Recency, float] = {}
    for recency in fades:
        tower.recency = recency
        if figures := rank.figures(towers):
            found[recency] = figures[NextItemRank.NDCG]
    tower.recency = max(found, key=lambda recency: found[recency]) if found else before
    chosen: Recency = tower.recency
    return chosen
