"""A TFMA metric over whole recommendation lists: one pass gives every number the retrieval gate needs.

A row is an evaluation query. Its label is the variable-length list of relevant item ids, its prediction the list of
recommended ids that the model's signature returns, best first, "" where there are no more. The definitions are those
of `modules.metrics` and docs/metrics.md; TFMA's own top-k metrics take some forty times as long on such rows.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from typing import Any

import apache_beam as beam
import numpy as np
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.metrics import metric_types

from components.evaluation.model_values import ids, of_model
from modules.metrics import ranked

_BLOCK = 512  # queries whose hits are turned into metrics together

# TFMA divides a change by the baseline's value and gets NaN, which passes no threshold, where that is exactly 0. A
# baseline without a single hit would so refuse every successor; with this least value any successor passes.
_LEAST = 1e-12


class RetrievalMetrics(tfma.metrics.Metric):
    """recall_at_k, hit_rate_at_k, ndcg_at_k, distinct_items_at_k for each k, mrr and queries; coverage_at_k, too.

    TFMA makes it from a MetricsSpec with `module: "components.evaluation.retrieval_metrics"`, `class_name:
    "RetrievalMetrics"` and the arguments as JSON in `config`. Rows without a relevant item are left out; means over no
    row at all are NaN, which passes no threshold. Other means are at least 1e-12, so that a later model can be
    compared with them relatively.
    """

    def __init__(
        self,
        ks: Sequence[int] = (10, 100),
        catalogue_size: int | None = None,
        name: str = "retrieval",
        item_key: str = "item_id",
    ) -> None:
        """Describes the metric.

        Args:
            ks: list lengths.
            catalogue_size: number of items that could be recommended; without it there is no coverage.
            name: of the metric in the config; the results have the names above.
            item_key: the signature's output with the ids, string [B, K]. It may be the only output.
        """
        super().__init__(_computations, ks=list(ks), catalogue_size=catalogue_size, name=name, item_key=item_key)


def _computations(
    ks: Sequence[int],
    catalogue_size: int | None,
    name: str,
    item_key: str,
    model_names: Sequence[str] | None = None,
) -> list[metric_types.MetricComputation]:
    """One computation per model; TFMA calls this with the arguments that it finds in the signature."""
    del name  # names the metric in the config only
    return [
        metric_types.MetricComputation(
            keys=[_key(result, model) for result in result_names(ks, catalogue_size)],
            preprocessors=None,
            combiner=_RetrievalCombiner(model, tuple(ks), catalogue_size, item_key),
        )
        for model in model_names or [""]
    ]


def result_names(ks: Sequence[int], catalogue_size: int | None) -> list[str]:
    """Names of all results of `RetrievalMetrics`."""
    kinds = ["recall", "hit_rate", "ndcg", "distinct_items"] + (["coverage"] if catalogue_size else [])
    return [f"{kind}_at_{k}" for k in ks for kind in kinds] + ["mrr", "queries"]


@dataclasses.dataclass
class _Tally:
    """What is known of some of the queries: sums, and the rows not yet summed."""

    shown: list[set[bytes]]  # for each k: the items among the first k of any list
    sums: dict[str, float] = dataclasses.field(default_factory=dict)
    queries: int = 0
    hits: list[np.ndarray[Any, np.dtype[np.bool_]]] = dataclasses.field(default_factory=list)
    num_relevant: list[int] = dataclasses.field(default_factory=list)


class _RetrievalCombiner(beam.CombineFn):
    """Sums the metrics of the queries of one model and one slice."""

    def __init__(self, model_name: str, ks: tuple[int, ...], catalogue_size: int | None, item_key: str) -> None:
        self._model_name = model_name
        self._ks = ks
        self._catalogue_size = catalogue_size
        self._item_key = item_key

    def create_accumulator(self) -> _Tally:
        return _Tally(shown=[set() for _ in self._ks])

    def add_input(self, tally: _Tally, element: metric_types.StandardMetricInputs) -> _Tally:
        missing = set(ids(of_model(element.label, self._model_name)))
        if not missing:
            return tally
        prediction = of_model(element.prediction, self._model_name)
        items = ids(prediction[self._item_key] if isinstance(prediction, dict) else prediction)
        tally.num_relevant.append(len(missing))
        hits = np.zeros(max(len(items), 1), dtype=bool)
        for place, item in enumerate(items):
            if item in missing:
                hits[place] = True
                missing.remove(item)  # an item counts once
        tally.hits.append(hits)
        for k, shown in zip(self._ks, tally.shown, strict=True):
            shown.update(items[:k])
        return self.compact(tally) if len(tally.hits) >= _BLOCK else tally

    def compact(self, tally: _Tally) -> _Tally:
        if tally.hits:
            hits = np.zeros((len(tally.hits), max(map(len, tally.hits))), dtype=bool)
            for row, found in zip(hits, tally.hits, strict=True):
                row[: len(found)] = found
            values = ranked.from_hits(hits, np.array(tally.num_relevant), self._ks)
            for name, value in values.items():
                tally.sums[name] = tally.sums.get(name, 0.0) + float(value.sum())
            tally.queries += len(hits)
            tally.hits, tally.num_relevant = [], []
        return tally

    def merge_accumulators(self, tallies: Iterable[_Tally]) -> _Tally:
        merged = self.create_accumulator()
        for tally in map(self.compact, tallies):
            merged.queries += tally.queries
            for name, value in tally.sums.items():
                merged.sums[name] = merged.sums.get(name, 0.0) + value
            for shown, more in zip(merged.shown, tally.shown, strict=True):
                shown.update(more)
        return merged

    def extract_output(self, tally: _Tally) -> dict[metric_types.MetricKey, float]:
        tally = self.compact(tally)
        values = {name.replace("@", "_at_"): max(total / tally.queries, _LEAST) for name, total in tally.sums.items()}
        for k, shown in zip(self._ks, tally.shown, strict=True):
            values[f"distinct_items_at_{k}"] = float(len(shown))
            if self._catalogue_size:
                values[f"coverage_at_{k}"] = len(shown) / self._catalogue_size
        values["queries"] = float(tally.queries)
        return {
            _key(name, self._model_name): values.get(name, math.nan)
            for name in result_names(self._ks, self._catalogue_size)
        }


def _key(name: str, model_name: str) -> metric_types.MetricKey:
    # Without a word on weighting: the thresholds of a MetricsSpec are looked up by just such keys.
    return metric_types.MetricKey(name=name, model_name=model_name, example_weighted=None)
