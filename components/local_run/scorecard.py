"""The scorecard of a run, put together from what its components left."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from components.artifacts import Metrics, Verdicts
from components.json_file import read_json
from components.local_run.executions import RunRecord
from components.publishing.parts import MODELS_OF
from components.publishing.versions import MANIFEST
from components.report.contents import SYSTEMS
from components.report.evidence import Drift
from components.report.run import ComponentTime, Data, Refusal, Run
from components.report.scorecard import Gate, Sample, SampleItem, Scorecard, Slice, Tuning
from modules.tuner_config import VARIANT, of_trial

_SPLIT_WORDS = {"time": "by time", "column": "by column split", "random": "at random per user"}


def scorecard_of(record: RunRecord, run: Run, seconds: Mapping[str, float]) -> Scorecard:
    """Gathers what there is; parts that the run did not reach are left out.

    Args:
        record: what ML Metadata holds of the run.
        run: what is known of the run as a whole.
        seconds: by component, how long it took.
    """
    metrics = _json(record.uri("EndToEndEvaluation", "metrics"), Metrics.FILE) or {}
    return Scorecard(
        run=run,
        data=_data(_json(record.uri("TableExampleGen", "facts"), "facts.json")),
        metrics={
            split: {system: metrics[split][system] for system in SYSTEMS if system in metrics[split]}
            for split in ("eval", "test")
            if metrics.get(split)
        },
        ranking={split: found for split, found in metrics.get("ranking", {}).items() if found},
        slices={split: [Slice(**part) for part in parts] for split, parts in metrics.get("slices", {}).items()},
        index=_index(record),
        differences=metrics.get("difference", {}),
        intervals=metrics.get("intervals", {}),
        drifts=[Drift(**drift) for drift in _json(record.uri("Gate", "verdicts"), Verdicts.DRIFTS) or []],
        diversity=_of_servable(record, "diversity.json") or [],
        gates=gates_of(record),
        tuning=_tuning(record),
        curves=_curves(record),
        components=[ComponentTime(name, state, seconds.get(name)) for name, state in record.states.items()],
        samples=[
            Sample(sample["user_id"], sample["history"], [SampleItem(**item) for item in sample["items"]])
            for sample in metrics.get("samples", [])
        ],
    )


def concluded(run: Run, record: RunRecord, pushed_status: int, refused_status: int) -> Run:
    """The run with its verdict: whether the Pusher pushed, and, if not, the rules that refused.

    A run whose Pusher left nothing stays what it was: failed.
    """
    if ("Pusher", "pushed_model") not in record.artifacts:
        return run
    if record.property("Pusher", "pushed_model", "pushed") != 1:
        refused = [
            Refusal(gate.name, gate.reason, gate.value, gate.limit) for gate in gates_of(record) if not gate.passed
        ]
        if not refused:  # every rule was kept, but what says so is gone, or is about something else
            reason = record.property("Pusher", "pushed_model", "reason")
            refused = [Refusal("pusher", reason or "nothing was pushed, and no reason left")]
        return dataclasses.replace(run, verdict="refused", exit_status=refused_status, refused=refused)
    manifest = _json(record.uri("Pusher", "pushed_model"), MANIFEST) or {}
    return dataclasses.replace(
        run,
        verdict="pushed",
        exit_status=pushed_status,
        pushed_version=record.property("Pusher", "pushed_model", "pushed_version"),
        pushed_path=record.property("Pusher", "pushed_model", "pushed_destination"),
        refit_splits=list(manifest.get("refit", {}).get("splits", [])),
        models_of=manifest.get(MODELS_OF, run.models_of),
    )


def gates_of(record: RunRecord) -> list[Gate]:
    """Every rule that was applied, the servable checks among them; those of a refit only if it was trained at all."""
    gates = _verdicts(record, "Gate") + _answers(record, "ServableCheck", "servable_answers")
    if refitted := _verdicts(record, "RefitGate"):
        gates += refitted + _answers(record, "ServableCheck.refit", "refit_servable_answers")
    return gates + _verdicts(record, "RefreshGate")


def _verdicts(record: RunRecord, component: str) -> list[Gate]:
    return [Gate(**verdict) for verdict in _json(record.uri(component, "verdicts"), Verdicts.FILE) or []]


def _answers(record: RunRecord, component: str, name: str) -> list[Gate]:
    if not record.uri(component, "blessing"):
        return []
    blessed = record.property(component, "blessing", "blessed") == 1
    reason = record.property(component, "blessing", "reason")
    return [Gate(name, blessed, reason=reason or "loads and answers in a process of its own")]


def _data(facts: dict[str, Any] | None) -> Data | None:
    if not facts:
        return None
    rows = {**facts.get("rows", {}), "users": facts.get("users", 0)}
    return Data(
        rows=rows,
        split_kind=_SPLIT_WORDS[facts["split_kind"][0]],
        split_rows=facts.get("interactions_rows", {}),
        dropped_unknown_items=facts.get("unknown_item_interactions", 0),
        time_from=_moment(facts.get("time_from")),
        time_to=_moment(facts.get("time_to")),
    )


def _index(record: RunRecord) -> dict[str, float | int | str | None] | None:
    if not record.uri("CandidateIndexer", "index"):
        return None
    names = ("kind", "num_items", "dimension", "recall_at_100", "latency_ms", "latency_p99_ms", "bytes_per_item")
    found = {name: record.property("CandidateIndexer", "index", name) for name in names}
    where_there = ("lists", "probes", "recent_window", "recent_weight", "unmet_level", "age_weight")
    more = {name: record.property("CandidateIndexer", "index", name) for name in where_there}
    return found | {name: value for name, value in more.items() if value is not None}


def _tuning(record: RunRecord) -> Tuning | None:
    trials = _json(record.uri("Tuner.retrieval", "tuner_results"), "tuner_results.json")
    if not trials:
        return None
    best = max(trials, key=lambda trial: float(trial["score"]))
    values = {name: value for name, value in best.items() if name not in ("trial_id", "score")}
    return Tuning(len(trials), _untuned(trials), best["score"], of_trial(values))


def _untuned(trials: list[dict[str, Any]]) -> float:
    """The best score of the trials that the search began with: those of one tower, by each loss once."""
    in_order = sorted(trials, key=lambda trial: int(trial["trial_id"]))
    found: dict[str, float] = {}
    for trial in in_order:
        variant, first = trial[VARIANT], in_order[0][VARIANT]
        if variant in found or variant.split("/")[0] != first.split("/")[0]:
            break
        found[variant] = float(trial["score"])
    return max(found.values())


def _curves(record: RunRecord) -> dict[str, dict[str, list[float | None]]]:
    found = {}
    for name in ("retrieval", "ranking"):
        uri = record.uri(f"Trainer.{name}", "model")
        curves = _json(f"{uri}/Format-Serving/assets.extra", "curves.json") if uri else None
        if curves:
            found[name] = curves
    return found


def _of_servable(record: RunRecord, file: str) -> Any:
    uri = record.uri("RecommenderBuilder", "model")
    return _json(f"{uri}/Format-Serving/assets.extra", file) if uri else None


def _json(folder: str | None, file: str) -> Any:
    """The content of a file; None if the run did not get as far as writing it."""
    if folder is None or not (Path(folder) / file).is_file():
        return None
    return read_json(folder, file)


def _moment(seconds: int | None) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds is not None else None
