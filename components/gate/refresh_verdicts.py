"""What a refreshed catalogue must show before it may be pushed."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from components.gate.verdict import Verdict, at_least
from modules.errors import InputError


@dataclasses.dataclass(frozen=True)
class RefreshConfig:
    """The `[refresh]` section of the configuration.

    Attributes:
        max_removed_items: greatest share of the served catalogue that may be gone, 0 to 1: more looks like a table
            that was read while it was being filled.
        max_unknown_items: greatest share of the interactions whose item is not in the catalogue, 0 to 1; takes the
            place of the key of `[data]`, for interactions with items that are gone are no mistake here.

    Raises:
        InputError: a share that is none.
    """

    max_removed_items: float = 0.2
    max_unknown_items: float = 0.2

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if not (math.isfinite(value) and 0 <= value <= 1):
                raise InputError(f"config [refresh], key {field.name}", "a number from 0 to 1", value)


@dataclasses.dataclass(frozen=True)
class Catalogues:
    """What was and what is to be served.

    Attributes:
        items: ids of the new catalogue.
        published: of the served one.
        interactions: how many there are.
        unknown: how many of them are with items that are not in the new catalogue.
    """

    items: Sequence[bytes]
    published: Sequence[bytes]
    interactions: int
    unknown: int


def judge_refresh(found: Catalogues, limits: RefreshConfig) -> list[Verdict]:
    """Applies the rules about what is gone; those about the index are `judge_index`'s."""
    kept = _share(len(set(found.published) & set(found.items)), len(set(found.published)))
    known = _share(found.interactions - found.unknown, found.interactions)
    least_kept, least_known = 1 - limits.max_removed_items, 1 - limits.max_unknown_items
    return [
        at_least("refresh_items_kept", "the share of the served items that are still there", kept, least_kept),
        at_least("refresh_items_known", "the share of interactions with items of the catalogue", known, least_known),
    ]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
