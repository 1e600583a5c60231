"""Every rule, applied to all that is known of a new recommender."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from components.evaluation.query_values import QueryValues
from components.gate.answer_rules import judge_answers
from components.gate.config import GateConfig
from components.gate.data_rules import judge_data, judge_drift
from components.gate.index_rules import IndexEvidence, judge_index
from components.gate.model_rules import judge_models
from components.gate.quality_rules import SPLIT, judge_quality
from components.gate.slice_rules import judge_slices
from components.gate.verdict import Verdict, yes
from components.report.evidence import Drift
from components.report.scorecard import Gate


@dataclasses.dataclass(frozen=True)
class Evidence:
    """What is known of a new recommender.

    Attributes:
        blessings: of "retrieval" and "ranking", what their Evaluators said; None where they said nothing.
        thresholds: of both, what was measured against each threshold, or why that cannot be read.
        index: what was measured of it.
        metrics: of EndToEndEvaluation; empty where they cannot be read.
        values: query by query; None where they cannot be read.
        drifts: distances of the schema's limits, or why there are none.
        limits_on_drift: whether the schema sets any that can be applied.
        published: the published version to compare with; 0 for none.
        withdrawn: whether a version of this very run was rolled back.
        problems: what is missing, unreadable, or about something else, by what it is: "evidence", "published".
    """

    blessings: Mapping[str, bool | None] = dataclasses.field(default_factory=dict)
    thresholds: Mapping[str, Sequence[Gate] | str] = dataclasses.field(default_factory=dict)
    index: IndexEvidence = dataclasses.field(default_factory=IndexEvidence)
    metrics: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    values: QueryValues | None = None
    drifts: Sequence[Drift] | str = ()
    limits_on_drift: bool = False
    published: int = 0
    withdrawn: bool = False
    problems: Mapping[str, str] = dataclasses.field(default_factory=dict)


def judge(evidence: Evidence, limits: GateConfig) -> list[Verdict]:
    """Applies every rule. Missing evidence fails the rule that needs it; all verdicts must pass for a blessing.

    Without a published version the rules that compare with one do not apply, and the absolute ones decide. Neither do
    they where it is broken: that alone is a refusal.
    """
    metrics = evidence.metrics
    integrity = metrics.get("integrity")
    integrity = integrity if isinstance(integrity, Mapping) else {}
    compared = evidence.published > 0 and "published" not in evidence.problems
    return [
        *_evidence(evidence),
        *judge_models(evidence.blessings, evidence.thresholds),
        *judge_quality(metrics.get(SPLIT, {}), evidence.values, compared, limits),
        *judge_slices(evidence.values, compared, limits),
        *judge_index(evidence.index, limits),
        *judge_answers(integrity, limits),
        *judge_data(integrity, limits),
        *judge_drift(evidence.drifts, evidence.limits_on_drift),
    ]


def _evidence(evidence: Evidence) -> list[Verdict]:
    """Whether what the other rules go by is there, and is about this recommender."""
    problem = evidence.problems.get("evidence")
    found = [yes("evidence", not problem, problem or "complete, and about this recommender")]
    if evidence.published:
        version = f"version {evidence.published}"
        broken = evidence.problems.get("published")
        said = (
            f"{version} is not what was published: {broken}; roll back to another one "
            "(python -m components.publishing.rollback), or remove it"
            if broken
            else f"compared with {version}"
        )
        found.append(yes("published_version", not broken, said))
    else:
        found.append(yes("published_version", True, "there is none to compare with: the absolute limits decide"))
    if evidence.withdrawn:
        said = "a version made from the same data, code and configuration was rolled back"
        found.append(yes("not_withdrawn", False, said))
    return found
