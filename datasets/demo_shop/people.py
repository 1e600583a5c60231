"""The users of the demo shop: who they are, and what they like."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from datasets.demo_shop.assortment import DIMENSIONS, category_places, unit
from datasets.demo_shop.calendar import DAY, END, START
from datasets.demo_shop.words import GENDERS, REGIONS

# How much of a taste is due to age, gender and region, and how much is a person's own.
_COMMON_PART, _OWN_PART = 0.5, 0.85
_FOUNDING_SHARE = 0.6
_AGE_GROUP_YEARS = 12


@dataclasses.dataclass(frozen=True)
class People:
    """Users in the order in which they joined.

    Attributes:
        age: [users] int64 years.
        gender: [users] int64, index into `GENDERS`.
        region: [users] int64, index into `REGIONS`.
        joined: [users] int64 seconds, ascending.
        mildness: [users] float64, standard normal: raises the ratings that the user gives.
        taste: [users, DIMENSIONS] float64 unit vectors.
    """

    age: npt.NDArray[np.int64]
    gender: npt.NDArray[np.int64]
    region: npt.NDArray[np.int64]
    joined: npt.NDArray[np.int64]
    mildness: npt.NDArray[np.float64]
    taste: npt.NDArray[np.float64]


def draw_people(count: int, seed: int) -> People:
    """Draws `count` users, always the same ones for a seed."""
    random = np.random.default_rng([seed, 3])
    categories = category_places(seed)

    def leanings(groups: int) -> npt.NDArray[np.float64]:
        """What each group has in common: a liking for two categories."""
        return unit(categories[random.integers(len(categories), size=(groups, 2))].sum(axis=1))

    age = np.clip(random.gamma(6.0, 6.5, count), 16, 90).astype(np.int64)
    gender = random.choice(len(GENDERS), count, p=[0.49, 0.48, 0.03])
    region = random.choice(len(REGIONS), count, p=random.dirichlet(np.full(len(REGIONS), 5.0)))
    group = age // _AGE_GROUP_YEARS
    common = leanings(90 // _AGE_GROUP_YEARS + 1)[group] + leanings(len(GENDERS))[gender]
    common += leanings(len(REGIONS))[region]

    favourites = categories[random.integers(len(categories), size=(count, 2))]
    share = random.uniform(0.5, 0.9, size=(count, 1))
    own = (
        share * favourites[:, 0] + (1 - share) * favourites[:, 1] + 0.4 * unit(random.normal(size=(count, DIMENSIONS)))
    )
    taste = unit(_COMMON_PART * unit(common) + _OWN_PART * unit(own))

    founding = int(count * _FOUNDING_SHARE)
    joined = np.concatenate(
        [
            random.integers(START - 540 * DAY, START, founding),
            random.integers(START, END - 2 * DAY, count - founding),
        ]
    )
    return People(age, gender, region, np.sort(joined), random.normal(size=count), taste)
