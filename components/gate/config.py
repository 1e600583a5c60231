"""The `[gate]` section of the configuration: every limit that a new recommender is held to."""

from __future__ import annotations

import dataclasses
import math

from modules.errors import InputError

_ABOVE_ZERO = ("slice_size_min", "queries_min")


@dataclasses.dataclass(frozen=True)
class GateConfig:
    """What a recommender must reach on eval, and how far it may fall behind the last published one on the same rows.

    docs/gate.md says what each rule measures. A limit that is met exactly passes. `…_min` and `…_max` alone are
    absolute; `…_drop_max` and `…_rise_max` compare with the last published version and do not apply without one.

    Raises:
        InputError: a limit out of its range.
    """

    # Each model alone, by its Evaluator. Shares are of the published model's value: 0.1 is ten percent.
    retrieval_ndcg_at_10_min: float = 0.0
    retrieval_recall_at_100_min: float = 0.0
    retrieval_drop_max: float = 0.1  # of both
    rmse_max: float | None = None  # of rankers with a target, in its units; none: any
    rmse_rise_max: float = 0.1
    auc_min: float = 0.0  # of rankers without a target
    auc_drop_max: float = 0.1

    # The servable end to end.
    queries_min: int = 1  # so many eval queries are evidence
    ndcg_at_10_min: float = 0.0
    popularity_ratio_min: float = 1.0  # nDCG@10, as a multiple of popularity's
    final_over_retrieval_min: float = 0.97  # nDCG@10, as a multiple of that of the retrieval stage alone
    too_good_max: float = 0.95  # share of what popularity leaves to be gained; above it, an answer has leaked
    drop_max: float = 0.1  # share of the published nDCG@10, see `confidence`
    confidence: float = 0.99  # a drop counts if this interval lies below 0, and passes if it lies above -drop_max

    # Slices with at least so many eval queries; together they refuse a model for noise alone as seldom as one rule.
    slice_size_min: int = 100
    slice_min: float = 0.0
    slice_popularity_ratio_min: float = 0.5
    slice_drop_max: float = 0.25

    # Variety, over the first 10 places.
    coverage_at_10_min: float = 0.0
    coverage_drop_max: float = 0.5  # share of the published coverage
    popularity_at_10_max: float = 0.99  # mean popularity percentile
    popularity_rise_max: float = 0.1  # percentiles above the published one's

    # The index.
    index_recall_min: float = 0.95  # share of the exact 100 nearest items
    index_share_min: float = 1.0  # of the catalogue that it holds
    index_latency_p99_ms_max: float = 250.0

    # The data. Limits of drift and skew stand in the schema, column by column.
    duplicates_max: float = 0.01  # share of eval's rows or queries that repeat another one
    vocabulary_share_min: float = 0.99  # of train's users and items that the vocabularies hold
    leak_max: float = 0.95  # share of the answer that a single column tells

    # The answers.
    titles_right_min: float = 1.0  # share of answers whose title belongs to their id
    flat_lists_max: float = 0.5  # share of lists all of whose scores are equal
    score_spread_min: float = 0.01  # of the ranking model's predictions, in standard deviations of what they predict

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise _refuse(field.name, "a finite number from 0", value)
        for name in _ABOVE_ZERO:
            if getattr(self, name) < 1:
                raise _refuse(name, "a whole number from 1", getattr(self, name))
        for name in ("index_recall_min", "index_share_min", "confidence"):
            if getattr(self, name) > 1:
                raise _refuse(name, "a number from 0 to 1", getattr(self, name))
        if self.confidence in (0.0, 1.0):
            raise _refuse("confidence", "a number between 0 and 1", self.confidence)


def _refuse(key: str, expected: str, received: object) -> InputError:
    return InputError(f"config [gate], key {key}", expected, received)
