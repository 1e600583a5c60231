"""How much each stage has to say in the final order: chosen on the eval split."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import numpy.typing as npt

from modules.ragged import Ints
from modules.serving.config import Blend

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

TAKEN_STEPS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 20.0)
TARGET_STEPS = (0.0, 0.05, 0.1, 0.2, 0.35, 0.5)
RECENT_STEPS = (0.0, -0.4, -0.3, -0.2, -0.1, 0.1, 0.2)
UNMET_STEPS = (0.0, -2.0, -1.5, -1.0, -0.75, -0.5, -0.25, 0.25, 0.5)
_ROUNDS = 3
K = 10
_DISCOUNTS = 1.0 / np.log2(np.arange(K) + 2.0)


@dataclasses.dataclass(frozen=True)
class StageScores:
    """What the stages say of the same candidates.

    Attributes:
        retrieval: [Q, K] float32.
        taken: [Q, K] float32 logits.
        target: [Q, K] float32, or None without a target.
        recent: [Q, K] float32, how popular the candidates were lately, or None where that is not known. Retrieval may
            have it in its score already; so its weight may come out negative.
        unmet: [Q, K] float32, 1 for candidates that nobody had taken in train, or None where there is no such item. No
            loss knows them as negatives, so the ranker may think too well of them.
        present: [Q, K] bool, whether there is a candidate at all; where not, the scores mean nothing.
        hits: [Q, K] bool, whether the candidate is relevant.
        num_relevant: [Q] int, relevant items of each query, found or not; at least 1.

    Whatever the scores of absent candidates are, they are 0 here.
    """

    retrieval: Floats
    taken: Floats
    target: Floats | None
    present: Bools
    hits: Bools
    num_relevant: npt.NDArray[np.int64]
    recent: Floats | None = None
    unmet: Floats | None = None

    def __post_init__(self) -> None:
        for name in ("retrieval", "taken", "target", "recent", "unmet"):
            values = getattr(self, name)
            if values is not None:
                object.__setattr__(self, name, np.where(self.present, values, np.float32(0)))

    def some(self, queries: slice | Ints) -> StageScores:
        """The scores of some of the queries."""
        kept = {name: values[queries] for name, values in vars(self).items() if values is not None}
        return StageScores(**({"target": None} | kept))


def fit_blend(scores: StageScores) -> tuple[Blend, float, float]:
    """The weights whose order has the greatest nDCG@10, "retrieval alone" among them.

    Weights are tried in units of each stage's typical spread within a query, so that one grid fits all data: taken and
    target together, the others one after the other, until nothing gets better. The best of so many looks good by chance
    too. So what is chosen on one half of the queries is judged on the other; together the halves must be better than
    retrieval alone by more than the standard error of the difference: else the simpler wins.

    Args:
        scores: of the queries, those of a user beside each other.

    Returns:
        the blend, its nDCG@10, and that of retrieval alone; without queries retrieval alone, and 0.
    """
    queries = len(scores.num_relevant)
    if not queries:
        return Blend(), 0.0, 0.0
    steps = _steps(scores)
    first, second = (_Hits(scores.some(part)) for part in (slice(queries // 2), slice(queries // 2, None)))
    pairs = ((first, second), (second, first))
    gain = np.concatenate([judge.ndcg(_best(chooser, steps)) - judge.ndcg(Blend()) for chooser, judge in pairs])
    hits, best = _Hits(scores), Blend()
    if gain.mean() > gain.std() / np.sqrt(len(gain)):
        best = _best(hits, steps)
    return best, float(hits.ndcg(best).mean()), float(hits.ndcg(Blend()).mean())


def _steps(scores: StageScores) -> list[list[dict[str, float]]]:
    """What is varied in a turn: weights to be tried, by name."""
    spread = _spread(scores.retrieval, scores.present)

    def weights(name: str, shares: tuple[float, ...]) -> list[float]:
        values = getattr(scores, name)
        return [share * spread / _spread(values, scores.present) for share in shares] if values is not None else [0.0]

    taken, target = weights("taken", TAKEN_STEPS), weights("target", TARGET_STEPS)
    turns = [[{"taken": one, "target": other} for one, other in itertools.product(taken, target)]]
    turns.append([{"recent": weight} for weight in weights("recent", RECENT_STEPS)])
    if scores.unmet is not None and scores.unmet.any():
        turns.append([{"unmet": share * spread} for share in UNMET_STEPS])
    return turns


def _best(hits: _Hits, steps: list[list[dict[str, float]]]) -> Blend:
    """The best blend, by turns; of equals the earliest."""
    best = Blend()
    reached = hits.ndcg(best).mean()
    for _ in range(_ROUNDS):
        before = best
        for turn in steps:
            for weights in turn:
                tried = dataclasses.replace(best, **weights)
                found = hits.ndcg(tried).mean()
                if found > reached:
                    best, reached = tried, found
        if best == before:
            break
    return best


def blended(scores: StageScores, blend: Blend) -> Floats:
    """[Q, K] float32 final scores. What has no weight may hold anything, or be None."""
    weights = dataclasses.asdict(blend)
    parts = {name: getattr(scores, name) for name, weight in weights.items() if weight}
    final: Floats = sum(weights[name] * values for name, values in parts.items() if values is not None)
    return final


class _Hits:
    """The relevant candidates and where a blend puts them, without sorting anything."""

    def __init__(self, scores: StageScores) -> None:
        """Keeps the queries that have any."""
        self._queries = len(scores.num_relevant)
        asked = np.flatnonzero((scores.hits & scores.present).any(axis=1))
        self._scores = scores.some(asked)
        self._owner, self._column = np.nonzero(self._scores.hits & self._scores.present)
        ideal = np.cumsum(_DISCOUNTS)[np.minimum(self._scores.num_relevant, K) - 1]
        self._asked, self._ideal = asked, ideal

    def ndcg(self, blend: Blend) -> npt.NDArray[np.float64]:
        """[Q] nDCG@10 of all queries in the order of a blend; of equals the leftmost comes first."""
        final = np.where(self._scores.present, blended(self._scores, blend), -np.inf)
        rows, own = final[self._owner], final[self._owner, self._column][:, None]
        before = np.arange(final.shape[1])[None, :] < self._column[:, None]
        # What is not below is ahead: scores that are no numbers come last.
        places = (~(rows < own) & ~((rows == own) & ~before)).sum(axis=1)
        gained = np.where(places < K, _DISCOUNTS[np.minimum(places, K - 1)], 0.0)
        result = np.zeros(self._queries)
        result[self._asked] = np.bincount(self._owner, gained, len(self._asked)) / self._ideal
        return result


def _spread(values: Floats, present: Bools) -> float:
    """Mean standard deviation of a stage's scores within a query; 1 where they do not vary."""
    several = present.sum(axis=1) > 1
    if not several.any():
        return 1.0
    spread = float(np.mean(np.std(values[several], axis=1, where=present[several])))
    return spread if spread > 1e-9 else 1.0
