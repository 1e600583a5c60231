"""A small data set in memory whose pattern is known: users like the items of their own half."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from modules.catalogue import Catalogue
from modules.column_store import Columns
from modules.roles import HISTORY, HISTORY_TARGET, WEIGHT, parse_roles
from modules.training_data import CANDIDATE_ROW, MOMENT, TrainingData

USERS, ITEMS, OF_A_USER = 60, 40, 20
POSITIVE_MIN = 3.0
_SCHEMA = """
feature { name: "user" type: BYTES presence { min_fraction: 1.0 } annotation { tag: "user_id" } }
feature { name: "item" type: BYTES presence { min_fraction: 1.0 } annotation { tag: "item_id" } }
"""
_STARS = 'feature { name: "stars" type: FLOAT annotation { tag: "target" } }'


class Graph:
    """Of the Transform graph, what models ask for."""

    def vocabulary_size(self, column: str) -> int:
        """Users and items are numbered."""
        return {"user": USERS, "item": ITEMS}[column]

    def vocabulary(self, column: str) -> list[bytes]:
        """The numbers as text."""
        return [str(number).encode() for number in range(self.vocabulary_size(column))]


def planted(
    rng: np.random.Generator, with_target: bool = True, random_targets: bool = False, protocol: str = "per_user"
) -> TrainingData:
    """Every user meets `OF_A_USER` items: those of the own half (of even or odd number, like the user's) are liked.

    Three quarters are train, the rest eval. What is not liked has weight 0.
    """
    users = np.repeat(np.arange(USERS), OF_A_USER)
    items = np.concatenate([rng.permutation(ITEMS)[:OF_A_USER] for _ in range(USERS)])
    stars = rng.integers(1, 6, len(users)) if random_targets else np.where((users + items) % 2 == 0, 5, 1)
    liked = stars >= POSITIVE_MIN
    is_train = np.arange(len(users)) % OF_A_USER < OF_A_USER * 3 // 4
    roles = parse_roles(_SCHEMA + (_STARS if with_target else ""))

    def split(rows: npt.NDArray[np.int64], past: list[npt.NDArray[np.int64]]) -> Columns:
        width = max(map(len, past))
        columns: dict[str, Any] = {
            "user": users[rows],
            "item": items[rows],
            CANDIDATE_ROW: items[rows],
            MOMENT: np.arange(len(users))[rows],
            WEIGHT: liked[rows].astype(np.float32),
            HISTORY: np.array([np.pad(items[p], (0, width - len(p)), constant_values=-1) for p in past]),
        }
        if with_target:
            known = [np.pad(stars[p].astype(np.float32), (0, width - len(p)), constant_values=np.nan) for p in past]
            columns |= {"stars": stars[rows].astype(np.float32), HISTORY_TARGET: np.array(known, np.float32)}
        return columns

    train, held_out = np.flatnonzero(is_train), np.flatnonzero(~is_train)
    in_history = is_train if with_target else is_train & liked  # without a target, weight 0 says: merely shown

    def past_of(row: int) -> npt.NDArray[np.int64]:
        others = in_history & (users == users[row]) & (np.arange(len(users)) != row)
        return np.flatnonzero(others & (np.arange(len(users)) < row) if protocol == "next_item" else others)

    ids = np.array([str(item).encode() for item in range(ITEMS)], object)
    return TrainingData(
        roles=roles,
        graph=Graph(),  # type: ignore[arg-type]
        catalogue=Catalogue(ids, {"item": np.arange(ITEMS)}),
        train=split(train, [past_of(row) for row in train]),
        eval=split(held_out, [past_of(row) for row in held_out]),
        protocol=protocol,
        positive_min=POSITIVE_MIN if with_target else None,
    )
