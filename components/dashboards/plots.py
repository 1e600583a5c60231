"""Geometry of the plots of columns; the templates draw it as inline SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from components.dashboards.statistics import Bucket, ColumnStatistics

Points = list[tuple[float, float]]


def outlines(histograms: Mapping[str, Sequence[Bucket]], width: float, height: float) -> dict[str, Points]:
    """Histograms of several splits over each other: outlines of their density (share of values by width of bucket).

    y points downwards. The splits share both axes, so equal distributions have equal outlines, however many rows
    there are. A column that is constant in a split has one bucket without a width there; it is drawn as a thin one, no
    higher than the highest of the others, which would be a flat line beside it.
    """
    low = min((bucket.low for found in histograms.values() for bucket in found), default=0.0)
    high = max((bucket.high for found in histograms.values() for bucket in found), default=1.0)
    spread = (high - low) or 1.0
    thin = spread / 100
    densities = {
        split: [
            (bucket.low, max(bucket.high, bucket.low + thin), bucket.count / max(bucket.high - bucket.low, thin))
            for bucket in found
        ]
        for split, found in histograms.items()
    }
    totals = {split: sum(bucket.count for bucket in found) or 1.0 for split, found in histograms.items()}
    heights = [
        (bucket.high > bucket.low, value / totals[split])
        for split, found in histograms.items()
        for bucket, (*_, value) in zip(found, densities[split], strict=True)
    ]
    peak = max(heights, default=(False, 0.0))[1] or 1.0  # of the buckets that have a width, if there are any

    def x(value: float) -> float:
        return round(min((value - low) / spread, 1.0) * width, 2)

    def y(split: str, density: float) -> float:
        return round(max(height - density / totals[split] / peak * height, 0.0), 2)

    return {
        split: [
            (x(found[0][0]), height),
            *(
                point
                for start, end, value in found
                for point in ((x(start), y(split, value)), (x(end), y(split, value)))
            ),
            (x(found[-1][1]), height),
        ]
        for split, found in densities.items()
        if found
    }


def edges(histograms: Mapping[str, Sequence[Bucket]]) -> tuple[float, float]:
    """Least and greatest value of all."""
    lows = [bucket.low for found in histograms.values() for bucket in found]
    highs = [bucket.high for found in histograms.values() for bucket in found]
    return (min(lows), max(highs)) if lows else (0.0, 0.0)


def rank_curves(columns: Mapping[str, ColumnStatistics], width: float, height: float) -> dict[str, Points]:
    """Share of the values by rank on two logarithmic axes: popularity usually is a line that falls.

    x goes from the most frequent value to the last rank of all splits, y from the greatest share to the least.
    """
    shares = {
        split: [
            (bucket.low + 1, bucket.count / (bucket.high - bucket.low + 1) / column.values)
            for bucket in column.texts.ranks
            if bucket.count > 0
        ]
        for split, column in columns.items()
        if column.texts
    }
    points = [point for found in shares.values() for point in found]
    if not points:
        return {}
    last = math.log(max(rank for rank, _ in points)) or 1.0
    top, bottom = (math.log(choose(share for _, share in points)) for choose in (max, min))
    spread = (top - bottom) or 1.0
    return {
        split: _thinned(
            [
                (round(math.log(rank) / last * width, 2), round((top - math.log(share)) / spread * height, 2))
                for rank, share in found
            ]
        )
        for split, found in shares.items()
    }


def _thinned(points: Points) -> Points:
    """Without the points that nobody could see: closer than two pixels to the one before; the last one stays."""
    kept: Points = []
    for point in points:
        if not kept or point[0] - kept[-1][0] >= 2:
            kept.append(point)
    return kept if kept[-1:] == points[-1:] else [*kept, points[-1]]
