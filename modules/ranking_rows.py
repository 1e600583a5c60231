"""What the ranker's interactions say beside their columns."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from modules.column_store import Columns
from modules.rankers.raters import RatersOfItems
from modules.rankers.recent_past import RECENT_ITEMS
from modules.rankers.target_levels import TargetLevels
from modules.ranking_config import RankingConfig
from modules.roles import WEIGHT
from modules.training_data import TrainingData
from modules.user_batches import UserBatches

IN_HISTORY = "in_history"


def in_history(data: TrainingData, columns: Columns) -> npt.NDArray[np.bool_]:
    """[rows] whether an interaction becomes a part of its user's history.

    That is all but what was shown and not taken: of weight 0, though not for a target below `positive_min`.
    """
    taken: npt.NDArray[np.bool_] = columns[WEIGHT] > 0
    if data.roles.target and data.positive_min is not None:
        taken = taken | (columns[data.roles.target] < data.positive_min)
    return taken


@dataclasses.dataclass(frozen=True)
class RankingRows:
    """The train split as the ranker sees it.

    Attributes:
        columns: those of the split and `IN_HISTORY` [rows] float32: 1 where the interaction becomes a part of its
            user's history.
        levels: of the target, or None without one.
        raters: of each item of the vocabulary.
    """

    columns: Columns
    levels: TargetLevels | None
    raters: RatersOfItems

    @classmethod
    def of(cls, data: TrainingData, config: RankingConfig, seed: int) -> RankingRows:
        """Rows of some data; `seed` decides who is among the raters of an item that has more than enough."""
        roles, train = data.roles, data.train
        users, items = train[roles.user_id], train[roles.item_id]
        sizes = data.graph.vocabulary_size(roles.user_id), data.graph.vocabulary_size(roles.item_id)
        levels, residuals = None, np.zeros(len(items), np.float32)
        if roles.target:
            levels = TargetLevels.of(users, items, train[roles.target], *sizes)
            residuals = levels.residuals(users, items, train[roles.target])
        taken, rng = in_history(data, train), np.random.default_rng(seed)
        raters = RatersOfItems.of(users, items, residuals, taken & (users < sizes[0]), sizes[1], config.raters, rng)
        columns = {**train, IN_HISTORY: taken.astype(np.float32)}
        return cls(columns, levels, raters)


def user_batches(data: TrainingData, columns: Columns, batch_size: int, seed: int) -> UserBatches:
    """The train split's `columns` of `RankingRows` and others, users at a time."""
    past_only, remembered = in_order(data), columns[IN_HISTORY] > 0
    newest = RECENT_ITEMS if past_only else 0
    return UserBatches(columns, data.sequences(), past_only, batch_size, seed, newest, remembered)


def in_order(data: TrainingData) -> bool:
    """Whether what was taken last says something about what comes next."""
    return data.protocol == "next_item"
