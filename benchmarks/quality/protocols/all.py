"""The protocols by name, in the order of the page."""

from __future__ import annotations

from benchmarks.quality.bench import Protocol
from benchmarks.quality.protocols import (
    ablations,
    cold_start,
    defaults,
    demo_shop,
    ml1m_general,
    ml1m_sequence,
    ml100k_ms,
    ml100k_ratings,
    time_split,
    warm_start,
)

PROTOCOLS: dict[str, Protocol] = {
    protocol.name: protocol
    for protocol in (
        ml100k_ms.PROTOCOL,
        ml1m_general.PROTOCOL,
        ml1m_sequence.PROTOCOL,
        ml100k_ratings.PROTOCOL,
        time_split.ML100K,
        time_split.ML1M,
        defaults.PROTOCOL,
        demo_shop.PROTOCOL,
        cold_start.PROTOCOL,
        warm_start.ML100K,
        warm_start.ML1M,
        ablations.PROTOCOL,
    )
}
