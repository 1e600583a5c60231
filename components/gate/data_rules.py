"""Rules about the data, and about what was made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from components.gate.config import GateConfig
from components.gate.verdict import Verdict, at_least, at_most, number, yes
from components.report.evidence import Drift


def judge_data(integrity: Mapping[str, Any], limits: GateConfig) -> list[Verdict]:
    """Duplicates in eval, values that the vocabularies lack, columns that tell the answer.

    Args:
        integrity: what `components.evaluation.integrity` found.
        limits: the section.
    """
    found = []
    for rows, share in _shares(integrity, "duplicates", ("queries",)).items():
        what = f"the share of eval's {rows} that repeat another one"
        found.append(at_most(f"duplicated_eval_{rows}", what, number(share), limits.duplicates_max))
    for kind, share in _shares(integrity, "vocabulary", ("users", "items")).items():
        what = f"the share of train's {kind} that the vocabulary holds"
        found.append(at_least(f"vocabulary_of_{kind}", what, number(share), limits.vocabulary_share_min))
    leaks = integrity.get("leaks")
    if not isinstance(leaks, Mapping):
        return [*found, yes("label_leak", False, "what single columns tell of the answer is missing")]
    strengths = {column: number(share) for column, share in leaks.items()}
    told = [
        at_most(
            f"label_leak {column}", f"the share of the answer that column {column} alone tells", share, limits.leak_max
        )
        for column, share in strengths.items()
    ]
    worst = max(
        told, key=lambda verdict: verdict.value or 0.0, default=yes("label_leak", True, "there are no features")
    )
    return [*found, *([verdict for verdict in told if not verdict.passed] or [worst])]


def judge_drift(drifts: Sequence[Drift] | str, expected: bool) -> list[Verdict]:
    """Distances between distributions against the schema's limits: the columns beyond, or the closest one.

    Args:
        drifts: what was measured, or why nothing could be.
        expected: whether the schema sets limits that can be applied.
    """
    if isinstance(drifts, str):
        return [yes("drift_and_skew", not expected, drifts)]
    if not drifts:
        said = "the schema sets limits, but nothing was measured" if expected else "the schema sets no limits"
        return [yes("drift_and_skew", not expected, said)]
    verdicts = [
        at_most(
            f"{drift.kind} {drift.table}.{drift.column}",
            f"the {drift.measure} of {drift.table}.{drift.column}",
            number(drift.value),
            number(drift.limit),
            _REFERENCE[drift.kind],
        )
        for drift in drifts
    ]
    refused = [verdict for verdict in verdicts if not verdict.passed]
    return refused or [max(verdicts, key=lambda verdict: (verdict.value or 0.0) / (verdict.limit or 1.0))]


_REFERENCE = {"drift": " (train, against the published version's)", "skew": " (train, against the rows after it)"}


def _shares(integrity: Mapping[str, Any], name: str, required: tuple[str, ...]) -> dict[str, Any]:
    """The measured shares by what they are of; those that have to be there are None where they are not."""
    found = integrity.get(name)
    return dict.fromkeys(required) | (dict(found) if isinstance(found, Mapping) else {})
