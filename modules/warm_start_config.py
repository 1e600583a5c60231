"""The `[warm_start]` section of the configuration."""

from __future__ import annotations

import dataclasses
import math

from modules.errors import InputError


@dataclasses.dataclass(frozen=True)
class WarmStartConfig:
    """The `[warm_start]` section of the configuration.

    Attributes:
        enabled: whether to go on from the newest published version, if it was made with the same schema and the same
            architecture.
        epochs_share: of the epochs that a training from nothing takes at most; the learning rate goes its whole way
            down in them.

    Raises:
        InputError: a share that is not above 0 and up to 1.
    """

    enabled: bool = False
    epochs_share: float = 0.25

    def __post_init__(self) -> None:
        if not 0 < self.epochs_share <= 1:
            raise InputError("config [warm_start], key epochs_share", "a share above 0, up to 1", self.epochs_share)

    def epochs(self, all_epochs: int) -> int:
        """How many epochs there are at most, out of so many."""
        return math.ceil(self.epochs_share * all_epochs)
