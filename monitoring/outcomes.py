"""What users took of what they were served: hit rate and nDCG by the feedback."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import numpy as np

from modules.metrics.ranked import PAD, hit_rate, ndcg, relevance
from monitoring.traffic import HEAD


@dataclasses.dataclass(frozen=True)
class Served:
    """A list that somebody was shown: when (seconds), and its items, best first."""

    time: int
    items: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Event:
    """What somebody took: when (seconds; None where feedback has no times), and the item."""

    time: int | None
    item: str


@dataclasses.dataclass(frozen=True)
class Outcomes:
    """Sums over lists.

    Attributes:
        lists: that were shown to a named user at a known moment.
        judged: those whose user took something in the time that counts.
        hits: judged lists with something taken among the first 10 items.
        ndcg: sum of the judged lists' nDCG@10.
        taken: items taken after judged lists, each once a list.
        taken_from_list: those of them that were among the first 10.
    """

    lists: int = 0
    judged: int = 0
    hits: float = 0.0
    ndcg: float = 0.0
    taken: int = 0
    taken_from_list: int = 0

    def __add__(self, other: Outcomes) -> Outcomes:
        sums = {
            field.name: getattr(self, field.name) + getattr(other, field.name) for field in dataclasses.fields(self)
        }
        return Outcomes(**sums)


def outcomes(served: Iterable[Served], events: Iterable[Event], seconds: float) -> Outcomes:
    """Judges the lists of one user.

    A list's relevant items are those that the user took after it (in the same second at the earliest), within
    `seconds`. Lists after which nothing was taken are left out, as everywhere (docs/metrics.md).
    """
    lists, taken = list(served), sorted(events, key=lambda event: event.time or 0)
    if not lists:
        return Outcomes()
    relevant = [_after(one, taken, seconds) for one in lists]
    judged = [place for place, items in enumerate(relevant) if items]
    if not judged:
        return Outcomes(lists=len(lists))
    codes: dict[str, int] = {}
    wanted = [np.array([codes.setdefault(item, len(codes)) for item in relevant[place]]) for place in judged]
    shown = np.full((len(judged), HEAD), PAD, np.int64)
    for row, place in enumerate(judged):
        for column, item in enumerate(lists[place].items[:HEAD]):
            shown[row, column] = codes.setdefault(item, len(codes))
    hits, counts = relevance(shown, wanted)
    return Outcomes(
        lists=len(lists),
        judged=len(judged),
        hits=float(hit_rate(hits, HEAD).sum()),
        ndcg=float(ndcg(hits, counts, HEAD).sum()),
        taken=int(counts.sum()),
        taken_from_list=int(hits.sum()),
    )


def _after(served: Served, events: Sequence[Event], seconds: float) -> list[str]:
    return [event.item for event in events if event.time is None or served.time <= event.time <= served.time + seconds]
