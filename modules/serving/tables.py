"""What is known ahead of any request: the catalogue and the users, as arrays."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from modules import roles
from modules.index.plan import IndexPlan
from modules.item_popularity import ItemPopularity
from modules.serving.ragged_table import RaggedArray


@dataclasses.dataclass(frozen=True)
class Names:
    """Names of the columns that serving treats specially; all others are just passed on.

    Attributes:
        user_id, item_id: the id columns.
        history: item ids that a user took, oldest first.
        history_target: what the target was for each of them.
        time: when a query was asked; None without times.
    """

    user_id: str
    item_id: str
    history: str = roles.HISTORY
    history_target: str = roles.HISTORY_TARGET
    time: str | None = None


@dataclasses.dataclass(frozen=True)
class CatalogueTable:
    """The N items. Row N of `vectors` and `encodings` stands for "an unknown item" and is never returned.

    Attributes:
        item_ids: N ids.
        titles: N names for people; empty where there is none.
        vectors: [N + 1, D] float32 output of the candidate tower; the last coordinate is the item's bias.
        encodings: [N + 1, E] float32 what the ranker knows of an item.
        categories: categorical item column → N rows of bytes; at least the columns that are capped or calibrated.
        popularity: how often the items were taken; None where that has no say.
        index: how the vectors are searched.

    Raises:
        ValueError: the sizes do not fit each other.
    """

    item_ids: list[bytes]
    titles: list[bytes]
    vectors: NDArray[np.float32]
    encodings: NDArray[np.float32]
    categories: dict[str, RaggedArray]
    popularity: ItemPopularity | None = None
    index: IndexPlan = dataclasses.field(default_factory=IndexPlan)

    def __post_init__(self) -> None:
        size = len(self.item_ids)
        lengths = {"titles": len(self.titles), **{name: len(rows) for name, rows in self.categories.items()}}
        lengths |= {"vectors": len(self.vectors) - 1, "encodings": len(self.encodings) - 1}
        lengths |= {"popularity": len(self.popularity.counts)} if self.popularity else {}
        _check_lengths(size, lengths)


@dataclasses.dataclass(frozen=True)
class UserTable:
    """The U users.

    Attributes:
        user_ids: U ids.
        columns: user column → U rows of raw values (bytes, int64 or float32).
        history: U rows of int32 catalogue positions, oldest first.
        history_target: U rows of float32 aligned with `history`, NaN = unknown; None without a target.
        seen: U rows of int32 catalogue positions that must not be recommended.

    Raises:
        ValueError: the sizes do not fit each other.
    """

    user_ids: list[bytes]
    columns: dict[str, RaggedArray]
    history: RaggedArray
    history_target: RaggedArray | None
    seen: RaggedArray

    def __post_init__(self) -> None:
        lengths = {name: len(rows) for name, rows in self.columns.items()}
        _check_lengths(len(self.user_ids), lengths | {"history": len(self.history), "seen": len(self.seen)})
        if self.history_target and not np.array_equal(self.history_target.row_splits, self.history.row_splits):
            raise ValueError("history_target must have as many values as history in every row")


def _check_lengths(size: int, lengths: dict[str, int]) -> None:
    for name, length in lengths.items():
        if length != size:
            raise ValueError(f"{name} has {length} rows for {size} ids")
