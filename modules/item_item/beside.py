"""Which item-item weights stand beside trained towers."""

from __future__ import annotations

import functools

from modules.item_item.choice import ItemItemChoice
from modules.item_item.fit import Floats, Part, fit_item_item
from modules.item_item.weights import ItemItem
from modules.next_item import NextItemRank
from modules.retrieval_model import RetrievalModel
from modules.training_data import TrainingData


def choose_item_item(model: RetrievalModel, data: TrainingData, seed: int) -> ItemItemChoice | None:
    """The weights that eval chooses, see `fit_item_item`; None where they do not help.

    Args:
        model: trained, with nothing beside its towers yet.
        data: to learn from, and to choose by.
        seed: chooses which eval interactions are looked at.
    """
    rank = NextItemRank.thorough(data, seed)

    @functools.lru_cache(maxsize=1)
    def made(regularisation: float) -> tuple[ItemItem, Floats]:
        """The weights, whose items are the same however histories fade."""
        weights = ItemItem(data, model.candidate_tower.described, ItemItemChoice(regularisation))
        return weights, data.catalogue.encoded(weights.candidate)

    def parts(choice: ItemItemChoice) -> Part:
        weights, items = made(choice.regularisation)
        weights.recency = choice.recency
        return rank.of_queries(weights.query), items

    queries, items = rank.of_queries(model.query_vectors), data.catalogue.encoded(model.candidates)
    in_order = data.protocol == "next_item" and bool(data.roles.time)
    return fit_item_item(rank, queries, items, parts, in_order)
