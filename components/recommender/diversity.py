"""What diversity costs: accuracy and variety of the answers as it grows, measured on eval."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.blend_fit import StageScores, blended
from modules.metrics.ranked import coverage, ndcg
from modules.serving.config import Blend
from modules.serving.reranking import rerank
from modules.serving.tables import CatalogueTable

DIVERSITY_FILE = "diversity.json"
STEPS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7)
K, MAX_QUERIES = 10, 1024
_QUERIES_AT_ONCE = 128
Positions = npt.NDArray[np.int32]


def diversity_curve(
    scores: StageScores, positions: Positions, blend: Blend, table: CatalogueTable, chosen: float = 0.0
) -> list[dict[str, Any]]:
    """Answers of 10 to eval queries at several values of `[serving] diversity`, without rules and the like.

    Args:
        scores: of the candidates of the eval queries, of which up to `MAX_QUERIES` are used.
        positions: [Q, depth] int32 of the candidates in the catalogue, -1 for none.
        blend: of the final order.
        table: the catalogue.
        chosen: the configured value, measured in any case.

    Returns:
        a point for each value: "diversity", "ndcg@10", "ild@10" (see `intra_list_diversity`) and
        "coverage@10" (share of the catalogue that is in some answer).
    """
    if not len(positions):
        return []
    # Evenly spread, as the queries of a user stand together.
    sample = np.unique(np.linspace(0, len(positions) - 1, MAX_QUERIES).astype(np.int64))
    final = tf.constant(np.where(scores.present, blended(scores, blend), -np.inf)[sample], tf.float32)
    positions, hits, relevant = positions[sample], scores.hits[sample], scores.num_relevant[sample]
    directions = np.asarray(table.vectors[:, :-1], np.float32)  # without the bias; row -1 stands for no item
    curve = []
    for step in sorted({*STEPS, chosen}):
        order = _order(final, directions, positions, step)
        answers = np.where(order < 0, -1, np.take_along_axis(positions, np.maximum(order, 0), axis=1))
        found = np.take_along_axis(hits, np.maximum(order, 0), axis=1) & (order >= 0)
        curve.append(
            {
                "diversity": step,
                "ndcg@10": float(ndcg(found, relevant, K).mean()),
                "ild@10": float(intra_list_diversity(answers, directions).mean()),
                "coverage@10": coverage(answers, len(table.item_ids), K),
            }
        )
    return curve


def intra_list_diversity(answers: Positions, directions: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """[Q] one minus the mean cosine of the pairs of items of an answer; 0 where it has no pair.

    Args:
        answers: [Q, K] int32 positions, -1 for none.
        directions: [at least num_items, D] float32 vectors without biases.
    """
    lengths = np.linalg.norm(directions, axis=1, keepdims=True)
    unit = np.divide(directions, lengths, out=np.zeros_like(directions), where=lengths > 0)
    filled = answers >= 0
    # The pairs' cosines add up to the squared length of the sum, less each item's own, which is 1 (or 0).
    vectors = unit[answers] * filled[:, :, None]
    own = (vectors**2).sum(axis=(1, 2))
    pairs = filled.sum(axis=1) * (filled.sum(axis=1) - 1)
    cosines = (vectors.sum(axis=1) ** 2).sum(axis=1) - own
    return np.where(pairs > 0, 1 - np.divide(cosines, np.maximum(pairs, 1)), 0.0).astype(np.float64)


def _order(
    final: tf.Tensor, directions: npt.NDArray[np.float32], positions: Positions, diversity: float
) -> npt.NDArray[np.int32]:
    """[Q, 10] int32 columns of the candidates of each answer."""
    parts = [
        rerank(
            final[i : i + _QUERIES_AT_ONCE], directions[positions[i : i + _QUERIES_AT_ONCE]], {}, K, diversity=diversity
        )
        for i in range(0, len(positions), _QUERIES_AT_ONCE)
    ]
    return np.asarray(tf.concat(parts, axis=0).numpy(), np.int32)
