"""What request rows come to, added up."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable

import apache_beam as beam

from monitoring.request_rows import RECOMMENDING, RequestRow

HOUR = 3600
HEAD = 10  # places of a list that are looked at


@dataclasses.dataclass
class Traffic:
    """Sums over request rows.

    Attributes:
        rows: of all signatures.
        lists: rows that were answered with recommendations.
        short_lists: those of them with fewer than 10 items.
        signatures, versions, hours: rows by signature, by version and by the hour (seconds since the epoch).
        unknown_users: lists for users whom the version does not know, or who are not named.
        items, unknown_items: ids of items that requests name, and those of them that the version does not know.
        other_columns: requests with a column that the schema lacks, by its name.
        rows_with_other_columns: requests with any of them.
        served: how often an item was in the first 10 places of a list.
        first, last: moments of the first and of the last row that has one, in seconds; 0 without any.
    """

    rows: int = 0
    lists: int = 0
    short_lists: int = 0
    signatures: Counter[str] = dataclasses.field(default_factory=Counter)
    versions: Counter[int] = dataclasses.field(default_factory=Counter)
    hours: Counter[int] = dataclasses.field(default_factory=Counter)
    unknown_users: int = 0
    items: int = 0
    unknown_items: int = 0
    other_columns: Counter[str] = dataclasses.field(default_factory=Counter)
    rows_with_other_columns: int = 0
    served: Counter[str] = dataclasses.field(default_factory=Counter)
    first: int = 0
    last: int = 0

    def add(self, row: RequestRow, unknown_user: bool, unknown_items: int) -> None:
        """Counts a row; see `unknown`."""
        self.rows += 1
        self.signatures[row.signature] += 1
        self.versions[row.version] += 1
        if row.time:
            self.hours[row.time - row.time % HOUR] += 1
        self.items += len(row.asked_items)
        self.unknown_items += unknown_items
        self.other_columns.update(row.other_columns)
        self.rows_with_other_columns += bool(row.other_columns)
        if row.signature in RECOMMENDING:
            self.lists += 1
            self.short_lists += len(row.served) < HEAD
            self.unknown_users += unknown_user
            self.served.update(row.served[:HEAD])
        self._span(row.time, row.time)

    def merge(self, other: Traffic) -> None:
        """Adds another sum."""
        for field in dataclasses.fields(self):
            ours, theirs = getattr(self, field.name), getattr(other, field.name)
            if isinstance(ours, Counter):
                ours.update(theirs)
            elif field.name not in ("first", "last"):
                setattr(self, field.name, ours + theirs)
        self._span(other.first, other.last)

    def _span(self, first: int, last: int) -> None:
        self.first = min(filter(None, (self.first, first)), default=0)
        self.last = max(self.last, last)


def unknown(row: RequestRow, users: frozenset[str], items: frozenset[str]) -> tuple[RequestRow, bool, int]:
    """The row, whether its user is unknown, and how many of the items that it names are.

    Args:
        row: of a request.
        users, items: that the version knows.
    """
    return row, row.user not in users, sum(item not in items for item in row.asked_items)


class CountTraffic(beam.CombineFn):
    """What `unknown` gives → Traffic."""

    def create_accumulator(self) -> Traffic:
        """No rows."""
        return Traffic()

    def add_input(self, traffic: Traffic, row: tuple[RequestRow, bool, int]) -> Traffic:
        """One more."""
        traffic.add(*row)
        return traffic

    def merge_accumulators(self, sums: Iterable[Traffic]) -> Traffic:
        """All together."""
        merged = Traffic()
        for traffic in sums:
            merged.merge(traffic)
        return merged

    def extract_output(self, traffic: Traffic) -> Traffic:
        """The sum."""
        return traffic


def concentration(served: Counter[str], catalogue_size: int, share: float = 0.01) -> float:
    """The share of all places that went to the `share` of the catalogue (one item at least) that is served most."""
    places = served.total()
    head = max(1, round(share * catalogue_size))
    return sum(count for _, count in served.most_common(head)) / places if places else 0.0


def gini(served: Counter[str], catalogue_size: int) -> float:
    """Gini coefficient of the places over the items of the catalogue: 0 evenly, towards 1 all for one item."""
    places, size = served.total(), max(catalogue_size, len(served))
    if not places:
        return 0.0
    # The items that were never served come first, with nothing.
    ascending = sorted(served.values())
    weighted = sum(rank * count for rank, count in enumerate(ascending, size - len(ascending) + 1))
    return 2 * weighted / (size * places) - (size + 1) / size
