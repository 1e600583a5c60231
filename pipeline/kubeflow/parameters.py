"""What may be given anew to each run of a compiled pipeline."""

from __future__ import annotations

import dataclasses
from typing import Any

from tfx.orchestration.data_types import RuntimeParameter


@dataclasses.dataclass(frozen=True)
class Parameters:
    """The values that hold unless a run is given others.

    Attributes:
        data: where the tables are, without passwords.
        span: which span of them; empty: the newest.
        seed: of every random choice.
        serving: folder or URL of what is published.
    """

    data: str
    span: str
    seed: int
    serving: str

    def late(self, name: str) -> RuntimeParameter:
        """One of them as TFX's placeholder in the wiring."""
        return RuntimeParameter(name=name, ptype=type(getattr(self, name)), default=getattr(self, name))

    def defaults(self) -> dict[str, Any]:
        """Their values by name."""
        return dataclasses.asdict(self)
