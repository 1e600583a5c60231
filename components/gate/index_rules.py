"""Rules about a candidate index, of the evaluated recommender, of a refit and of a refreshed catalogue alike."""

from __future__ import annotations

import dataclasses

from components.gate.config import GateConfig
from components.gate.verdict import Verdict, at_least, at_most, number


@dataclasses.dataclass(frozen=True)
class IndexEvidence:
    """What was measured of an index; None where nothing was.

    Attributes:
        recall: share of the exact 100 nearest items that it finds, 0 to 1.
        latency_p99_ms: 99th percentile of the milliseconds of one search.
        share: of the catalogue's items that it holds, 0 to 1.
    """

    recall: object = None
    latency_p99_ms: object = None
    share: object = None


def judge_index(evidence: IndexEvidence, limits: GateConfig, prefix: str = "") -> list[Verdict]:
    """Recall, completeness and latency; `prefix` goes before the names of the rules, such as "refit_"."""
    whose = f"the {prefix.replace('_', ' ')}index"
    return [
        at_least(f"{prefix}index_recall", f"recall@100 of {whose}", number(evidence.recall), limits.index_recall_min),
        at_least(
            f"{prefix}index_share",
            f"the share of the catalogue in {whose}",
            number(evidence.share),
            limits.index_share_min,
        ),
        at_most(
            f"{prefix}index_latency",
            f"the 99th percentile of milliseconds of a search in {whose}",
            number(evidence.latency_p99_ms),
            limits.index_latency_p99_ms_max,
        ),
    ]
