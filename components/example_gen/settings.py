"""What the ExampleGen is told, as one value that travels in its execution properties."""

from __future__ import annotations

import dataclasses
from typing import Literal

from components.example_gen.splits import SplitKind
from components.source.config import DataConfig

Protocol = Literal["auto", "next_item", "per_user"]
HistoryUntil = Literal["all", "eval", "train"]


@dataclasses.dataclass(frozen=True)
class ExampleSettings:
    """How rows become examples.

    Attributes:
        data: the `[data]` section of the configuration.
        protocol: what an evaluation query is: the next item of an interaction, or all held-out items of a user;
            "auto" takes the former where interactions have times and no split of their own.
        max_queries: about how many evaluation queries a split has at most; chosen by a hash.
        history_until: how far the histories reach that are built into the servable.
        seed: of the random choices.
    """

    data: DataConfig = dataclasses.field(default_factory=DataConfig)
    protocol: Protocol = "auto"
    max_queries: int = 5000
    history_until: HistoryUntil = "all"
    seed: int = 0

    def asks_next_items(self, split_kind: SplitKind) -> bool:
        """Whether evaluation queries ask for next items (else: for all held-out items of a user)."""
        return self.protocol == "next_item" or (self.protocol == "auto" and split_kind is SplitKind.TIME)
