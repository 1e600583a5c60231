"""Rules about the two models alone: what their Evaluators found, threshold by threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components.gate.verdict import Verdict, yes
from components.report.scorecard import Gate


def judge_models(blessings: Mapping[str, bool | None], thresholds: Mapping[str, Sequence[Gate] | str]) -> list[Verdict]:
    """For "retrieval" and "ranking": the blessing, and what was measured against each threshold.

    Args:
        blessings: what the Evaluator said; None where it said nothing.
        thresholds: what it measured, or why that cannot be read.
    """
    found = []
    for model in ("retrieval", "ranking"):
        found.append(_blessing(f"{model}_evaluation", blessings.get(model), thresholds.get(model, "no evaluation")))
        measured = thresholds.get(model)
        if not isinstance(measured, str):
            found += [_threshold(gate) for gate in measured or ()]
    return found


def _blessing(name: str, blessed: bool | None, measured: Sequence[Gate] | str) -> Verdict:
    if blessed is None:
        return yes(name, False, "no blessing to be read from the Evaluator")
    if not blessed:
        return yes(name, False, "the Evaluator refused the model")
    if isinstance(measured, str):
        return yes(name, False, f"the evaluation cannot be read: {measured}")
    if not measured:
        return yes(name, False, "the evaluation holds no threshold")
    return yes(name, True, "the Evaluator blessed the model")


def _threshold(gate: Gate) -> Verdict:
    name = gate.name.removeprefix("change of ").replace(" ", "_")
    name += "_change" if gate.name.startswith("change of ") else ""
    reason = gate.reason if gate.value is not None else f"nothing was measured; {gate.reason}"
    return Verdict(name, gate.value, gate.limit, gate.passed and gate.value is not None, reason)
