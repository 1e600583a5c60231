"""Titles and descriptions: made of words that give away an item's category, brand and own style."""

from __future__ import annotations

import numpy as np

from datasets.demo_shop.assortment import Assortment
from datasets.demo_shop.words import BRANDS, CATEGORIES, CLAIMS, STYLES

_CLAIMS_OF_A_BRAND = 3


def describe(assortment: Assortment, seed: int) -> tuple[list[str], list[str]]:
    """[items] titles and [items] descriptions."""
    random = np.random.default_rng([seed, 6])
    claims = [random.choice(CLAIMS, _CLAIMS_OF_A_BRAND, replace=False) for _ in BRANDS]
    titles, descriptions = [], []
    for category_index, brand_index, own in zip(assortment.category, assortment.brand, assortment.own, strict=True):
        category, brand = CATEGORIES[category_index], BRANDS[brand_index]
        noun = random.choice(category.nouns)
        first, second, third = (STYLES[d][0 if own[d] > 0 else 1] for d in np.argsort(-np.abs(own))[:3])
        claim, other_claim = random.choice(claims[brand_index], 2, replace=False)
        words = random.choice(category.words, 4, replace=False)
        model = f"{random.choice(list('ABCDEFGHKLMNPRSTVX'))}{random.integers(10, 1000)}"
        titles.append(f"{brand} {first.capitalize()} {noun.capitalize()} {model}")
        descriptions.append(
            f"{first.capitalize()}, {second} {noun} for {words[0]} and {words[1]}. "
            f"{claim.capitalize()} and {other_claim}, as {brand} makes them: {words[2]}, {words[3]}, {third}."
        )
    return titles, descriptions
