"""How much retrieval listens to what was popular lately: chosen on the eval split."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from modules.item_popularity import WINDOWS, ItemPopularity, Taken, item_popularity
from modules.metrics.ranked import ndcg

STEPS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)
K = 10
_SHORTLIST = 200
Floats = npt.NDArray[np.float32]
Queries = Iterable[tuple[Floats, Sequence[npt.NDArray[np.int64]], Sequence[npt.NDArray[np.int64]]]]


def fit_recency(splits: Sequence[Taken], vectors: Floats, queries: Queries) -> tuple[ItemPopularity, float, float]:
    """The window and the weight of the prior with the greatest nDCG@10 in the whole catalogue.

    A weight is tried in units of the spread of retrieval's scores over that of the prior. As in the blend, the prior
    must beat retrieval alone by more than the standard error of the difference: else it has none.

    Args:
        splits: positives of train, eval and test; train's alone are counted in the fit.
        vectors: [num_items, D] float32 of the candidate tower.
        queries: of eval, in batches: vectors [B, D] float32, and for each query the rows of the items it has seen and
            of those that are relevant.

    Returns:
        the popularity with the best window and its weight, 0 if it has none; nDCG@10 with it and without it.
    """
    num_items = len(vectors)
    priors = [item_popularity(splits, num_items, window) for window in WINDOWS]
    tried = [(prior, step) for prior in priors for step in STEPS if prior.recent[:, 0].std() > 0]
    if not tried:
        return item_popularity(splits, num_items), 0.0, 0.0
    weights: list[float] = []
    parts = []
    for vector, seen, relevant in queries:
        scores = _scores(vector, vectors, seen)
        if not weights:
            spread = _spread(scores)
            weights = [step * spread / float(prior.recent[:, 0].std()) for prior, step in tried]
        wanted = [set(rows.tolist()) for rows in relevant]
        parts.append(
            [_ndcg(scores, wanted)]
            + [
                _ndcg(scores + np.float32(weight) * prior.recent[:, 0], wanted)
                for (prior, _), weight in zip(tried, weights, strict=True)
            ]
        )
    found = np.concatenate(parts, axis=1) if parts else np.zeros((1 + len(tried), 0))
    if not found.shape[1]:
        return item_popularity(splits, num_items), 0.0, 0.0
    alone, best = found[0], int(found[1:].mean(axis=1).argmax())
    prior, _ = tried[best]
    gain = found[1 + best] - alone
    if gain.mean() <= gain.std() / np.sqrt(len(gain)):
        return prior, float(alone.mean()), float(alone.mean())
    return dataclasses.replace(prior, weight=weights[best]), float(found[1 + best].mean()), float(alone.mean())


def _scores(queries: Floats, vectors: Floats, seen: Sequence[npt.NDArray[np.int64]]) -> Floats:
    """[B, num_items] inner products, -inf for what was seen."""
    scores: Floats = queries @ vectors.T
    for row, items in enumerate(seen):
        scores[row, items] = -np.inf
    return scores


def _spread(scores: Floats) -> float:
    """Mean standard deviation of the best scores within a query; 1 where they do not vary."""
    width = min(_SHORTLIST, scores.shape[1])
    best = -np.partition(-scores, width - 1, axis=1)[:, :width]
    finite = np.isfinite(best)
    rows = finite.sum(axis=1) > 1
    spread = float(np.mean(np.std(best[rows], axis=1, where=finite[rows]))) if rows.any() else 0.0
    return spread if spread > 1e-9 else 1.0


def _ndcg(scores: Floats, wanted: Sequence[set[int]]) -> npt.NDArray[np.float64]:
    """[B] nDCG@10, without the queries that nothing is relevant to."""
    width = min(K, scores.shape[1])
    top = np.argpartition(-scores, width - 1, axis=1)[:, :width]
    values = np.take_along_axis(scores, top, axis=1)
    top = np.take_along_axis(top, np.argsort(-values, axis=1, kind="stable"), axis=1)
    asked = [row for row, items in enumerate(wanted) if items]
    hits = np.array([[item in wanted[row] for item in top[row].tolist()] for row in asked], bool).reshape(-1, width)
    return ndcg(hits, np.array([len(wanted[row]) for row in asked], np.int64), K)
