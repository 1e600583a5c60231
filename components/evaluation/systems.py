"""What the compared systems answered to the same queries, and what that was worth."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from components.evaluation.item_groups import ItemGroup
from components.evaluation.query_values import POPULARITY, PUBLISHED, RECOMMENDER, RETRIEVAL, QueryValues, SliceValues
from modules.metrics.evaluate import evaluate_ranking, per_query
from modules.metrics.paired import by_bootstrap

HEADLINES = ("ndcg@10", "recall@100")
OF_QUERIES, OF_ITEMS = HEADLINES  # the metric that slices of queries, and of items, are held to
CONFIDENCE = 0.95
Positions = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]


@dataclasses.dataclass(frozen=True)
class Systems:
    """What each system answered.

    Attributes:
        answers: by system, [Q, K] int64 positions in the catalogue, best first, -1 pads.
        relevant: Q arrays of positions.
        values: by slice column, the value of each query.
        counts: [num_items] positives of each item in train.
        users: [Q] who asked, as numbers from 0.
        groups: of items.
    """

    answers: Mapping[str, Positions]
    relevant: Sequence[Positions]
    values: Mapping[str, Texts]
    counts: Positions
    users: Positions
    groups: Sequence[ItemGroup] = ()

    def metrics(self) -> dict[str, dict[str, float]]:
        """By system, the metrics of docs/metrics.md over all queries."""
        return {
            system: evaluate_ranking(answers, self.relevant, len(self.counts), item_popularity=self.counts)
            for system, answers in self.answers.items()
        }

    def slices(self) -> list[dict[str, Any]]:
        """The recommender's metrics for each value of each slice column and each group of items, most queries first."""
        found = []
        for column, value, rows, relevant in self._parts():
            metrics = evaluate_ranking(self.answers[RECOMMENDER][rows], relevant, len(self.counts))
            found.append({"column": column, "value": value, "queries": len(rows), "metrics": metrics})
        return sorted(found, key=lambda part: (part["column"], -part["queries"]))

    def query_values(self) -> QueryValues:
        """What each query was worth to the recommender, popularity and the published version, slice by slice."""
        everything = np.arange(len(self.users))
        overall = self._values("", "", OF_QUERIES, everything, self.relevant)
        of_items = {group.column for group in self.groups}
        slices = [
            self._values(column, value, OF_ITEMS if column in of_items else OF_QUERIES, rows, relevant)
            for column, value, rows, relevant in self._parts()
        ]
        return QueryValues(overall, [part for part in slices if len(part.users)])

    def intervals(self, seed: int) -> dict[str, dict[str, list[float]]]:
        """By system and metric, the ends of the 95 % interval of the mean; of the metrics that reports begin with."""
        found: dict[str, dict[str, list[float]]] = {}
        for system in self.answers:
            found[system] = {}
            for name, values in self._per_query(system).items():
                if len(values):
                    interval = by_bootstrap(values, self._asking(), CONFIDENCE, seed)
                    found[system][name] = [interval.low, interval.high]
        return found

    def differences(self, seed: int) -> dict[str, list[float]]:
        """Recommender minus each other system in nDCG@10: mean, and the ends of its 95 % interval."""
        by_query = {name: self._per_query(name)[OF_QUERIES] for name in self.answers}
        if not len(by_query[RECOMMENDER]):
            return {}
        found = {}
        for other in (POPULARITY, RETRIEVAL, PUBLISHED):
            if other in by_query:
                above = by_bootstrap(by_query[RECOMMENDER] - by_query[other], self._asking(), CONFIDENCE, seed)
                found[other] = [above.mean, above.low, above.high]
        return found

    def _per_query(self, system: str) -> dict[str, npt.NDArray[np.float64]]:
        values = per_query(self.answers[system], self.relevant)
        return {name: values[name] for name in HEADLINES}

    def _asking(self) -> Positions:
        """Who asked the queries that are counted."""
        return self.users[[len(items) > 0 for items in self.relevant]]

    def _parts(self) -> Iterator[tuple[str, str, Positions, Sequence[Positions]]]:
        """Of each slice its column and value, the rows of its queries, and what is relevant to them there."""
        for column, values in self.values.items():
            for value, rows in pd.Series(range(len(values))).groupby(values.astype(str)):
                chosen = rows.to_numpy()
                yield column, str(value), chosen, [self.relevant[row] for row in chosen]
        for group in self.groups:
            inside = [items[group.members[items]] for items in self.relevant]
            chosen = np.flatnonzero([len(items) > 0 for items in inside])
            if len(chosen):
                yield group.column, group.value, chosen, [inside[row] for row in chosen]

    def _values(
        self, column: str, value: str, metric: str, rows: Positions, relevant: Sequence[Positions]
    ) -> SliceValues:
        counted = np.array([len(items) > 0 for items in relevant], bool)
        values = {
            system: per_query(self.answers[system][rows], relevant)[metric]
            for system in (RECOMMENDER, POPULARITY, PUBLISHED)
            if system in self.answers
        }
        return SliceValues(column, value, metric, self.users[rows][counted], values)
