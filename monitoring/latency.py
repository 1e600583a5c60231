"""Latency, by the histogram that TensorFlow Serving exports to Prometheus: its request logs hold no durations."""

from __future__ import annotations

import dataclasses
import math
import re
from pathlib import Path

from modules.errors import InputError

_BUCKET = re.compile(r"^:tensorflow:serving:request_latency_bucket\{(?P<labels>.*)\}\s+(?P<count>\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_MICROSECONDS = 1000.0


@dataclasses.dataclass(frozen=True)
class Latency:
    """Milliseconds that half, and all but a hundredth, of the requests took at most."""

    requests: int
    p50_ms: float
    p99_ms: float


def read_latency(path: Path, model: str = "recommender") -> Latency:
    """From a saved answer of `/monitoring/prometheus/metrics`.

    Args:
        path: the file.
        model: whose requests count.

    Raises:
        InputError: it cannot be read, or has no latencies of that model.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"latency {path}", "Prometheus text", error) from error
    below: dict[float, float] = {}
    for line in text.splitlines():
        found = _BUCKET.match(line)
        labels = dict(_LABEL.findall(found["labels"])) if found else {}
        if found and labels.get("model_name") == model and "le" in labels:
            try:
                edge, count = float(labels["le"]), float(found["count"])
            except ValueError as error:
                raise InputError(f"latency {path}", "numbers in Prometheus text", line) from error
            below[edge] = below.get(edge, 0.0) + count  # entry points of the server, added up
    total = max(below.values(), default=0.0)
    if not total:
        raise InputError(f"latency {path}", f"buckets of :tensorflow:serving:request_latency of {model}", "none")
    return Latency(int(total), *(percentile(below, share) / _MICROSECONDS for share in (0.5, 0.99)))


def percentile(below: dict[float, float], share: float) -> float:
    """The value that `share` of the observations are not above, as Prometheus' histogram_quantile estimates it.

    Args:
        below: upper edge → observations up to it, cumulative; the last edge may be infinite.
        share: from 0 to 1.
    """
    edges = sorted(below)
    wanted = share * below[edges[-1]]
    low, counted = 0.0, 0.0
    for edge in edges:
        if below[edge] >= wanted and below[edge] > counted:
            return low if math.isinf(edge) else low + (edge - low) * (wanted - counted) / (below[edge] - counted)
        low, counted = edge, below[edge]
    return low
