"""The items of the demo shop: what each is, and where it lies in the space of tastes."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from datasets.demo_shop.calendar import DAY, END, START
from datasets.demo_shop.words import BRANDS, CATEGORIES, STYLES

DIMENSIONS = len(STYLES)

# How much of an item's place is due to its category, its brand and itself.
_CATEGORY_PART, _BRAND_PART, _OWN_PART = 0.8, 0.35, 0.5
# Popularity falls off as 1 / rank^_TAIL, before tastes have a say.
_TAIL = 0.6
# Share of the items that are on sale from the first day.
_FOUNDING_SHARE = 0.65


@dataclasses.dataclass(frozen=True)
class Assortment:
    """Items in order of their release.

    Attributes:
        category: [items] int64, index into `CATEGORIES`.
        brand: [items] int64, index into `BRANDS`.
        price: [items] float64.
        released: [items] int64 seconds, ascending.
        quality: [items] float64, standard normal: raises ratings.
        appeal: [items] float64, log of the popularity that no taste explains.
        own: [items, DIMENSIONS] float64 unit vectors: how the item differs from its category and brand.
        place: [items, DIMENSIONS] float64 unit vectors in the space of tastes.
    """

    category: npt.NDArray[np.int64]
    brand: npt.NDArray[np.int64]
    price: npt.NDArray[np.float64]
    released: npt.NDArray[np.int64]
    quality: npt.NDArray[np.float64]
    appeal: npt.NDArray[np.float64]
    own: npt.NDArray[np.float64]
    place: npt.NDArray[np.float64]


def unit(vectors: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Rows of [n, d] scaled to length 1."""
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def category_places(seed: int) -> npt.NDArray[np.float64]:
    """[categories, DIMENSIONS] float64 unit vectors; categories of a department lie near each other."""
    random = np.random.default_rng([seed, 1])
    departments = sorted({category.department for category in CATEGORIES})
    centres = dict(zip(departments, unit(random.normal(size=(len(departments), DIMENSIONS))), strict=True))
    near = np.stack([centres[category.department] for category in CATEGORIES])
    return unit(0.6 * near + 0.8 * unit(random.normal(size=near.shape)))


def draw_assortment(count: int, seed: int) -> Assortment:
    """Draws `count` items, always the same ones for a seed."""
    random = np.random.default_rng([seed, 2])
    brand_places = unit(random.normal(size=(len(BRANDS), DIMENSIONS)))
    brand_premium = np.exp(random.normal(0, 0.3, len(BRANDS)))
    category = random.choice(len(CATEGORIES), count, p=random.dirichlet(np.full(len(CATEGORIES), 8.0)))
    brand = random.choice(len(BRANDS), count, p=random.dirichlet(np.full(len(BRANDS), 3.0)))
    own = unit(random.normal(size=(count, DIMENSIONS)))
    place = unit(_CATEGORY_PART * category_places(seed)[category] + _BRAND_PART * brand_places[brand] + _OWN_PART * own)
    middling = np.array([item.price for item in CATEGORIES])[category]
    price = np.round(middling * brand_premium[brand] * np.exp(random.normal(0, 0.35, count)), 2)
    founding = int(count * _FOUNDING_SHARE)
    released = np.concatenate(
        [
            random.integers(START - 720 * DAY, START, founding),
            random.integers(START, END - 2 * DAY, count - founding),
        ]
    )
    quality = random.normal(size=count)
    rank = random.permutation(count) + 1
    appeal = -_TAIL * np.log(rank) + 0.3 * quality
    return Assortment(category, brand, price, np.sort(released), quality, appeal, own, place)
