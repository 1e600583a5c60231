"""What eval chose of the item-item weights."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from modules.history import Recency


@dataclasses.dataclass(frozen=True)
class ItemItemChoice:
    """How item-item weights are made and how loud they are.

    Attributes:
        regularisation: λ of the closed form. The greater, the less rare pairs count.
        recency: how older items of a history fade.
        weight: of their scores beside those of the towers.
        scale: of an item's coordinates, which cosines compare; the query's have the rest of the weight.
    """

    regularisation: float = 500.0
    recency: Recency = dataclasses.field(default_factory=Recency)
    weight: float = 1.0
    scale: float = 1.0

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> ItemItemChoice:
        """From `dataclasses.asdict`."""
        return cls(**{**values, "recency": Recency(**values["recency"])})
