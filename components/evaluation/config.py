"""The `[evaluation]` section of the configuration: what is measured."""

from __future__ import annotations

import dataclasses
from typing import Literal

from modules.errors import InputError
from modules.roles import Roles

Protocol = Literal["auto", "next_item", "per_user"]
ResolvedProtocol = Literal["next_item", "per_user"]


@dataclasses.dataclass(frozen=True)
class EvaluationConfig:
    """What is measured; docs/metrics.md defines the metrics and the protocols.

    Attributes:
        slices: columns of users or of the context whose values are reported apart; None chooses up to three
            categorical ones with few values.
        max_queries: evaluation queries of a split at most.
        ks: list lengths to report; the gates' own 10 and 100 are always measured.
        protocol: what a query is: the next item of one interaction ("next_item"), or all held-out items of a user
            ("per_user"); "auto" takes the former where there are times and no split column.

    Raises:
        InputError: a value is out of its range.
    """

    slices: tuple[str, ...] | None = None
    max_queries: int = 5000
    ks: tuple[int, ...] = (10, 100)
    protocol: Protocol = "auto"

    def __post_init__(self) -> None:
        if self.max_queries < 1:
            raise _refuse("max_queries", "at least 1", self.max_queries)
        if not self.ks or min(self.ks) < 1:
            raise _refuse("ks", "list lengths of at least 1", list(self.ks))
        if self.protocol not in ("auto", "next_item", "per_user"):
            raise _refuse("protocol", '"auto", "next_item" or "per_user"', self.protocol)

    def resolved_protocol(self, roles: Roles) -> ResolvedProtocol:
        """The protocol for a data set, with "auto" decided.

        Raises:
            InputError: next items are asked for where no time says what comes next.
        """
        if self.protocol == "next_item" and roles.time is None:
            raise _refuse("protocol", '"per_user" or "auto" where the schema has no time column', self.protocol)
        if self.protocol != "auto":
            return self.protocol
        return "next_item" if roles.time is not None and roles.split is None else "per_user"


def _refuse(key: str, expected: str, received: object) -> InputError:
    return InputError(f"[evaluation] {key}", expected, received)
