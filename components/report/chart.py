"""Geometry of the page's charts; the templates draw it as inline SVG."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


def share(value: float | None, peak: float) -> float:
    """Length of a bar in percent of the longest one; nothing for nothing and for what is below zero."""
    if value is None or peak <= 0:
        return 0.0
    return round(100 * min(max(value / peak, 0.0), 1.0), 2)


def whisker(interval: Sequence[float] | None, peak: float) -> tuple[float, float] | None:
    """Both ends of an interval on the scale of `share`; it may reach beyond the longest bar, and is cut there."""
    return (share(interval[0], peak), share(interval[1], peak)) if interval else None


def peak(values: Iterable[float | None]) -> float:
    """The greatest of the values that are there, 0 if none is."""
    return max((value for value in values if value is not None), default=0.0)


def bounds(curves: Mapping[str, Sequence[float | None]]) -> tuple[float, float]:
    """Least and greatest value of all curves, (0, 1) if there is none."""
    values = [value for curve in curves.values() for value in curve if value is not None]
    return (min(values), max(values)) if values else (0.0, 1.0)


def places(points: Sequence[tuple[float, float]], width: float, height: float) -> list[tuple[float, float]]:
    """Points in a box of `width` × `height`, y downwards; the box is just large enough for all of them."""
    if not points:
        return []
    left, low = (min(values) for values in zip(*points, strict=True))
    right, high = (max(values) for values in zip(*points, strict=True))
    across, up = width / ((right - left) or 1.0), height / ((high - low) or 1.0)
    return [(round((x - left) * across, 2), round(height - (y - low) * up, 2)) for x, y in points]


def polyline(
    curve: Sequence[float | None], low: float, high: float, length: int, width: float, height: float
) -> list[tuple[float, float]]:
    """Points of a curve in a box of `width` × `height`, y downwards; epochs without a value are passed over.

    Args:
        curve: a value for each epoch.
        low: value at the lower edge.
        high: value at the upper edge.
        length: number of epochs on the whole axis.
        width: of the box.
        height: of the box.
    """
    step = width / max(length - 1, 1)
    spread = (high - low) or 1.0
    return [
        (round(epoch * step, 2), round(height - (value - low) / spread * height, 2))
        for epoch, value in enumerate(curve)
        if value is not None
    ]
