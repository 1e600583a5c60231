"""What happened in a run: its outcome, what it read, how long it took."""

from __future__ import annotations

import dataclasses
from typing import Literal

from components.report.evidence import Metrics

Verdict = Literal["pushed", "refused", "failed"]
PUSHED, REFUSED = 0, 3  # exit statuses of runs that reached their end


@dataclasses.dataclass(frozen=True)
class Refusal:
    """A rule that kept the model from being pushed, and by how much; no numbers where the rule is not about one."""

    rule: str
    reason: str
    value: float | None = None
    limit: float | None = None


@dataclasses.dataclass(frozen=True)
class Run:
    """What happened.

    Attributes:
        id: name of the run and of its folder of reports.
        started: ISO 8601 with time zone.
        seconds: wall time.
        exit_status: of the runner.
        verdict: "pushed", "refused" (by a gate) or "failed" (did not reach the end).
        pushed_version: version of the servable, if pushed.
        pushed_path: its folder.
        refit_splits: what the pushed model learned from beside train, if it is a refit; the metrics are then of the
            evaluated model, which it is a refit of.
        models_of: of a refresh, the published version whose models it took.
        refused: every rule that said no.
        error: what ended the run, if it failed.
        best_achievable: by split, the metrics of a system that knows the truth; of generated data only.
        data_location: where the rows came from, without passwords.
        config_digest: of the configuration.
        code_digest: of the source code.
        seed: of all random choices.
    """

    id: str
    started: str
    verdict: Verdict
    seconds: float | None = None
    exit_status: int | None = None
    pushed_version: str | None = None
    pushed_path: str | None = None
    refit_splits: list[str] = dataclasses.field(default_factory=list)
    models_of: int | None = None
    refused: list[Refusal] = dataclasses.field(default_factory=list)
    error: str | None = None
    best_achievable: dict[str, Metrics] | None = None
    data_location: str | None = None
    config_digest: str | None = None
    code_digest: str | None = None
    seed: int | None = None


@dataclasses.dataclass(frozen=True)
class Data:
    """What was read.

    Attributes:
        rows: "interactions", "items" and "users" → number of rows.
        split_kind: how interactions were split, in words ("by time", "by column split", "at random per user").
        split_rows: "train", "eval" and "test" → number of interactions.
        dropped_unknown_items: interactions left out because their item is not in the catalogue.
        time_from: moment of the first interaction, ISO 8601.
        time_to: moment of the last.
    """

    rows: dict[str, int] = dataclasses.field(default_factory=dict)
    split_kind: str | None = None
    split_rows: dict[str, int] = dataclasses.field(default_factory=dict)
    dropped_unknown_items: int = 0
    time_from: str | None = None
    time_to: str | None = None


@dataclasses.dataclass(frozen=True)
class ComponentTime:
    """How long a component of the pipeline took; `state` is "run", "cached", "failed" or "skipped"."""

    id: str
    state: str
    seconds: float | None = None
