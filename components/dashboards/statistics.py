"""What TFDV's statistics say of a column, split by split, ready to be shown."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from tensorflow_metadata.proto.v0 import statistics_pb2

FILE = "FeatureStats.pb"
SHOWN_VALUES = 10  # of a text column
ID_LIKE = 0.5  # share of different values from which on the most frequent ones mean nothing
_Statistics = statistics_pb2.FeatureNameStatistics
_KINDS: dict[int, Literal["int", "float", "text", "bytes"]] = {
    _Statistics.INT: "int",
    _Statistics.FLOAT: "float",
    _Statistics.STRING: "text",
    _Statistics.BYTES: "bytes",
}


@dataclasses.dataclass(frozen=True)
class Bucket:
    """How many values lie from `low` to `high`; in a rank histogram those are ranks from 0, both included."""

    low: float
    high: float
    count: float


@dataclasses.dataclass(frozen=True)
class Numbers:
    """Of a column of numbers; `histogram` has buckets of equal width."""

    mean: float
    std: float
    minimum: float
    median: float
    maximum: float
    zeros: int
    histogram: list[Bucket]


@dataclasses.dataclass(frozen=True)
class Texts:
    """Of a column of texts.

    Attributes:
        unique: number of different values.
        mean_length: in characters.
        top: the most frequent values, best first; none where values hardly ever repeat.
        counts: how often a value occurs, of as many frequent ones as TFDV kept.
        ranks: frequency by rank.
    """

    unique: int
    mean_length: float
    top: list[str]
    counts: dict[str, float]
    ranks: list[Bucket]


@dataclasses.dataclass(frozen=True)
class ColumnStatistics:
    """A column in a split.

    Attributes:
        kind: of its values.
        missing: rows without a value.
        values: in all rows; more than rows where a cell holds a list.
        longest: most values in a cell.
        numbers: for int and float, if there are any values.
        texts: for text.
    """

    kind: str
    missing: int
    values: int
    longest: int
    numbers: Numbers | None = None
    texts: Texts | None = None

    @property
    def id_like(self) -> bool:
        """Whether values hardly ever repeat."""
        return self.texts is not None and _id_like(self.texts.unique, self.values)

    def share(self, value: str) -> float | None:
        """Which share of the values is this one; None where it is too rare for TFDV to have counted it."""
        if self.texts is None or not self.values:
            return None
        rare = None if self.texts.unique > len(self.texts.counts) else 0.0
        return self.texts.counts[value] / self.values if value in self.texts.counts else rare


@dataclasses.dataclass(frozen=True)
class TableStatistics:
    """A table of examples: rows by split, and by column and split the statistics."""

    name: str
    rows: dict[str, int]
    columns: dict[str, dict[str, ColumnStatistics]]


def read_statistics(name: str, folder: str | Path) -> TableStatistics:
    """Reads the `statistics` artifact of a StatisticsGen; splits in the order train, eval, test, others."""
    order = ("Split-train", "Split-eval", "Split-test")
    folders = sorted(Path(folder).glob("Split-*"), key=lambda path: (path.name not in order, path.name))
    folders.sort(key=lambda path: order.index(path.name) if path.name in order else len(order))
    rows, columns = {}, dict[str, dict[str, ColumnStatistics]]()
    for path in folders:
        split = path.name.removeprefix("Split-")
        rows[split] = 0
        # One, of all rows; of an empty split there may be none.
        for dataset in statistics_pb2.DatasetFeatureStatisticsList.FromString((path / FILE).read_bytes()).datasets:
            rows[split] = dataset.num_examples
            for feature in dataset.features:
                label = feature.name or ".".join(feature.path.step)
                columns.setdefault(label, {})[split] = column_statistics(feature)
    return TableStatistics(name, rows, dict(sorted(columns.items())))


def column_statistics(feature: Any) -> ColumnStatistics:
    """Of a `FeatureNameStatistics` message."""
    kind = feature.WhichOneof("stats")
    found = getattr(feature, kind)
    common = found.common_stats
    longest, values = common.max_num_values, common.tot_num_values
    # An empty cell of a column with one value a row is written as a list without values, which TFDV takes for present.
    empty = common.num_non_missing - values if longest <= 1 else 0
    numbers = _numbers(found) if kind == "num_stats" and values else None
    texts = _texts(found, values) if kind == "string_stats" else None
    return ColumnStatistics(
        _KINDS.get(feature.type, "bytes"), common.num_missing + empty, values, longest, numbers, texts
    )


def _numbers(found: Any) -> Numbers:
    buckets = [
        Bucket(part.low_value, part.high_value, part.sample_count)
        for histogram in found.histograms
        if histogram.type == statistics_pb2.Histogram.STANDARD
        for part in histogram.buckets
        if math.isfinite(part.low_value) and math.isfinite(part.high_value)
    ]
    return Numbers(found.mean, found.std_dev, found.min, found.median, found.max, found.num_zeros, buckets)


def _texts(found: Any, values: int) -> Texts:
    buckets = found.rank_histogram.buckets
    counts = {part.label: part.sample_count for part in buckets if part.low_rank == part.high_rank}
    counts |= {value.value: value.frequency for value in found.top_values}
    top = [] if _id_like(found.unique, values) else [value.value for value in found.top_values]
    ranks = [Bucket(part.low_rank, part.high_rank, part.sample_count) for part in buckets]
    return Texts(found.unique, found.avg_length, top, counts, ranks)


def _id_like(unique: int, values: int) -> bool:
    return unique > max(SHOWN_VALUES, ID_LIKE * values)


def shown_values(splits: Mapping[str, ColumnStatistics]) -> list[str]:
    """The values to compare splits by: the most frequent ones of the first split, filled up from the others."""
    found = dict.fromkeys(value for part in splits.values() if part.texts for value in part.texts.top)
    return list(found)[:SHOWN_VALUES]
