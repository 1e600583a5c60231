"""The `[index]` section of the configuration."""

from __future__ import annotations

import dataclasses
from typing import Literal

from modules.errors import InputError

Kind = Literal["auto", "exact", "partitioned"]


@dataclasses.dataclass(frozen=True)
class IndexConfig:
    """How the catalogue is searched.

    Attributes:
        kind: "exact" (every item is scored), "partitioned" (only the lists that are likely to hold the best ones), or
            "auto": partitioned where the catalogue is large and that is faster, else exact.
        recall_target: least share of the exact 100 best that an index must find. As many lists are searched as that
            takes; an index that cannot reach it is refused.
        exact_up_to: a catalogue of up to so many items is searched exactly if the kind is "auto".

    Raises:
        InputError: a value out of its range.
    """

    kind: Kind = "auto"
    recall_target: float = 0.96
    exact_up_to: int = 200_000

    def __post_init__(self) -> None:
        """Refuses what no index can be built by."""
        if not 0 < self.recall_target <= 1:
            raise InputError("config [index], key recall_target", "a share above 0, up to 1", self.recall_target)
        if self.exact_up_to < 0:
            raise InputError("config [index], key exact_up_to", "a number from 0", self.exact_up_to)
