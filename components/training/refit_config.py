"""The `[refit]` section of the configuration."""

from __future__ import annotations

import dataclasses
from typing import Literal

from modules.errors import InputError


@dataclasses.dataclass(frozen=True)
class RefitConfig:
    """Whether the models that are pushed learn from what they were evaluated on, too.

    Attributes:
        splits: what they are trained on beside train, once the gate has passed; empty: they are pushed as evaluated.

    Raises:
        InputError: a split that is named twice.
    """

    splits: tuple[Literal["eval", "test"], ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.splits)) < len(self.splits):
            raise InputError("config [refit], key splits", "each split once", list(self.splits))
