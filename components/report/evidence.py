"""What a scorecard refers to: metrics, findings about the data, the last published model, the artifacts of the run."""

from __future__ import annotations

import dataclasses

Metrics = dict[str, float | None]  # by name, as in docs/metrics.md; None where nothing could be measured


@dataclasses.dataclass(frozen=True)
class Anomaly:
    """A way in which a split of a table is not what its schema says; `column` is empty if it is about the table."""

    table: str
    split: str
    column: str
    severity: str
    problem: str
    detail: str = ""


@dataclasses.dataclass(frozen=True)
class Drift:
    """A distance between two distributions of a column.

    Attributes:
        table: the examples it is a column of.
        split: the one that differs.
        column: its name.
        kind: from what it differs: "drift" (an earlier span), "skew" (serving) or "from train".
        measure: name of the distance, as in docs/dashboards.md.
        value: the distance, 0 for equal distributions.
        limit: the schema's, if it has one.
    """

    table: str
    split: str
    column: str
    kind: str
    measure: str
    value: float
    limit: float | None = None


@dataclasses.dataclass(frozen=True)
class Comparison:
    """A metric of a model, by its Evaluator, beside that of the last published model on the same rows."""

    model: str
    metric: str
    value: float
    baseline: float


@dataclasses.dataclass(frozen=True)
class Output:
    """An artifact that the run made or took from the cache; `id` is that of ML Metadata."""

    component: str
    name: str
    id: int
    uri: str
