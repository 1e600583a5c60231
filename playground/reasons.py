"""Why an item is recommended: the nearest items of the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from playground.recommender import Recommender, Shown

_MOST_HISTORY = 30  # newest items that are looked at
_DEPTH = 500  # neighbours of each


def reasons(recommender: Recommender, items: Sequence[str], history: Sequence[str]) -> dict[str, list[Shown]]:
    """For each item up to two of the history that it is most like, with their cosines, best first.

    That is a hint, as in the report of a run: the models weigh the whole history. Of an item of the history only its
    500 nearest are known, and what lies at right angles to it is no reason.
    """
    newest = list(dict.fromkeys(reversed(history)))[:_MOST_HISTORY]
    near: dict[str, list[Shown]] = {item: [] for item in items}
    for past, neighbours in zip(newest, recommender.similar(newest, _DEPTH), strict=True):
        for one in neighbours:
            if one.item in near and one.score > 0:
                near[one.item].append(Shown(past, "", one.score))
    return {item: sorted(found, key=lambda shown: -shown.score)[:2] for item, found in near.items()}


def because(found: Sequence[Shown], titles: Mapping[str, str]) -> str:
    """In words; "" without a reason."""
    return ", ".join(f"{titles.get(one.item) or one.item} ({one.score:.2f})" for one in found)
