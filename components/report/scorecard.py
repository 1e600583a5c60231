"""The scorecard of a run: typed here, `scorecard.json` on disk. Its field names are part of the contract with users.

Every part but `run` may be missing: a run that was refused or failed half-way still tells what it knows.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from typing import Any

from components.report.evidence import Anomaly, Comparison, Drift, Metrics, Output
from components.report.run import ComponentTime, Data, Refusal, Run


@dataclasses.dataclass(frozen=True)
class Slice:
    """The metrics of the queries with one value of one column."""

    column: str
    value: str
    queries: int
    metrics: Metrics


@dataclasses.dataclass(frozen=True)
class Gate:
    """A rule, what it measured and what it allows; `reason` says it in words."""

    name: str
    passed: bool
    value: float | None = None
    limit: float | None = None
    reason: str = ""


@dataclasses.dataclass(frozen=True)
class Tuning:
    """What the Tuner found.

    Attributes:
        trials: short trainings that were compared.
        untuned: nDCG@10 on eval of a trial with what would have been taken otherwise.
        best: of the best one.
        values: its hyper-parameters, by key of `[retrieval]`.
        config: path of a configuration file with them.
    """

    trials: int
    untuned: float | None
    best: float | None
    values: dict[str, int | float | str]
    config: str | None = None


@dataclasses.dataclass(frozen=True)
class SampleItem:
    """A recommended item; `because`: titles of what the user took that the retrieval model finds most like it."""

    item_id: str
    title: str
    score: float | None = None
    because: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Sample:
    """What a user took last (titles, oldest first) and what is recommended to them (best first)."""

    user_id: str
    history: list[str]
    items: list[SampleItem]


@dataclasses.dataclass(frozen=True)
class Scorecard:
    """All of a run.

    Attributes:
        run: what happened.
        data: what was read.
        metrics: split → system ("popularity", "retrieval", "published", "recommender") → metrics. "published" is the
            last published version, on the same queries of eval.
        ranking: split → metrics of the ranking model alone ("rmse", "mae" or "auc", "log_loss").
        slices: split → slices.
        index: properties of the candidate index, e.g. its kind, items, recall, latency.
        gates: every rule that was applied.
        tuning: what the Tuner found; None where it did not run.
        curves: model → name ("loss", "val_loss") → value at each epoch.
        components: in the order in which they ran.
        samples: recommendations for a few users.
        differences: split → other system → what the recommender's nDCG@10 is above that system's: mean, and lower and
            upper end of its 95 % interval.
        intervals: split → system → metric → lower and upper end of its 95 % interval.
        diversity: what answers to eval queries become with growing `[serving] diversity` (the key "diversity").
        anomalies: what the data's schema objects to.
        drifts: how far distributions moved, the furthest first.
        comparisons: each model beside the last published one, on the same rows.
        outputs: artifacts, in the order of ML Metadata.
        dashboards: what other pages show → their file, beside the run's page.
    """

    run: Run
    data: Data | None = None
    metrics: dict[str, dict[str, Metrics]] = dataclasses.field(default_factory=dict)
    ranking: dict[str, Metrics] = dataclasses.field(default_factory=dict)
    slices: dict[str, list[Slice]] = dataclasses.field(default_factory=dict)
    index: dict[str, float | int | str | None] | None = None
    gates: list[Gate] = dataclasses.field(default_factory=list)
    tuning: Tuning | None = None
    curves: dict[str, dict[str, list[float | None]]] = dataclasses.field(default_factory=dict)
    components: list[ComponentTime] = dataclasses.field(default_factory=list)
    samples: list[Sample] = dataclasses.field(default_factory=list)
    differences: dict[str, dict[str, list[float]]] = dataclasses.field(default_factory=dict)
    intervals: dict[str, dict[str, dict[str, list[float]]]] = dataclasses.field(default_factory=dict)
    diversity: list[Metrics] = dataclasses.field(default_factory=list)
    anomalies: list[Anomaly] = dataclasses.field(default_factory=list)
    drifts: list[Drift] = dataclasses.field(default_factory=list)
    comparisons: list[Comparison] = dataclasses.field(default_factory=list)
    outputs: list[Output] = dataclasses.field(default_factory=list)
    dashboards: dict[str, str] = dataclasses.field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; NaN and infinities, which JSON does not have, become None."""
        plain: dict[str, Any] = _finite(dataclasses.asdict(self))
        return plain

    def to_json(self) -> str:
        """The text of scorecard.json."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Scorecard:
        """The inverse of `to_dict`; absent parts take their defaults.

        Raises:
            KeyError, TypeError: `run` is missing, or a part has unknown or missing fields.
        """
        parts = dict(values)
        run = dict(parts.pop("run"))
        run["refused"] = [Refusal(**refusal) for refusal in run.get("refused", [])]
        data, tuning = parts.pop("data", None), parts.pop("tuning", None)
        return cls(
            run=Run(**run),
            data=Data(**data) if data is not None else None,
            tuning=Tuning(**tuning) if tuning is not None else None,
            slices={split: [Slice(**part) for part in found] for split, found in parts.pop("slices", {}).items()},
            gates=[Gate(**gate) for gate in parts.pop("gates", [])],
            anomalies=[Anomaly(**anomaly) for anomaly in parts.pop("anomalies", [])],
            drifts=[Drift(**drift) for drift in parts.pop("drifts", [])],
            comparisons=[Comparison(**comparison) for comparison in parts.pop("comparisons", [])],
            outputs=[Output(**output) for output in parts.pop("outputs", [])],
            components=[ComponentTime(**component) for component in parts.pop("components", [])],
            samples=[
                Sample(**{**sample, "items": [SampleItem(**item) for item in sample["items"]]})
                for sample in parts.pop("samples", [])
            ],
            **parts,
        )

    @classmethod
    def from_json(cls, text: str) -> Scorecard:
        """The inverse of `to_json`."""
        return cls.from_dict(json.loads(text))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
