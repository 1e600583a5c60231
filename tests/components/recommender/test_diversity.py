"""What diversity costs, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from components.recommender.diversity import MAX_QUERIES, STEPS, diversity_curve, intra_list_diversity
from modules.blend_fit import StageScores
from modules.serving.config import Blend
from modules.serving.ragged_table import RaggedArray
from modules.serving.tables import CatalogueTable

ITEMS = 24


def _table() -> CatalogueTable:
    """Twelve pairs of twins, each pair at right angles to the others; the bias of the first twin is greater."""
    vectors = np.zeros((ITEMS + 1, ITEMS // 2 + 1), np.float32)
    vectors[np.arange(ITEMS), np.arange(ITEMS) // 2] = 2
    vectors[:, -1] = 50 * (np.arange(ITEMS + 1) % 2 == 0)
    ids = [b"%d" % item for item in range(ITEMS)]
    return CatalogueTable(
        ids, ids, vectors, np.zeros((ITEMS + 1, 1), np.float32), {"x": RaggedArray.from_rows([[]] * ITEMS, object)}
    )


def _scores(queries: int) -> tuple[StageScores, np.ndarray]:  # type: ignore[type-arg]
    """The items in the order of their numbers; relevant is the second, a twin of the first."""
    hits = np.zeros((queries, ITEMS), bool)
    hits[:, 1] = True
    present = np.ones((queries, ITEMS), bool)
    scores = np.tile(-np.arange(ITEMS, dtype=np.float32), (queries, 1))
    found = StageScores(scores, scores, None, present, hits, np.ones(queries, np.int64))
    return found, np.tile(np.arange(ITEMS, dtype=np.int32), (queries, 1))


def test_intra_list_diversity_by_hand() -> None:
    directions = _table().vectors[:, :-1]
    answers = np.array([[0, 2, 4], [0, 1, 2], [0, 1, -1], [3, -1, -1], [-1, -1, -1]], np.int32)
    # No pair alike; one of three; the only one; no pair.
    np.testing.assert_allclose(intra_list_diversity(answers, directions), [1, 2 / 3, 0, 0, 0], atol=1e-6)
    nothing = np.zeros((3, 2), np.float32)  # at right angles to everything
    assert intra_list_diversity(np.array([[0, 1, 2]], np.int32), nothing).tolist() == [1]


def test_the_curve() -> None:
    scores, positions = _scores(3)
    curve = diversity_curve(scores, positions, Blend(), _table(), chosen=0.25)
    assert [point["diversity"] for point in curve] == sorted([*STEPS, 0.25])
    first, last = curve[0], curve[-1]
    assert first["ndcg@10"] == pytest.approx(1 / np.log2(3))
    assert first["ild@10"] == pytest.approx(1 - 5 / 45)  # five pairs of twins
    assert first["coverage@10"] == pytest.approx(10 / ITEMS)
    assert (last["ndcg@10"], last["ild@10"]) == (0, pytest.approx(1))  # one twin of each pair: the first


def test_a_sample_of_many_and_of_none() -> None:
    assert len(diversity_curve(*_scores(MAX_QUERIES + 7), Blend(), _table())) == len(STEPS)
    none = StageScores(
        *(np.empty((0, ITEMS), np.float32),) * 2, None, *(np.empty((0, ITEMS), bool),) * 2, np.empty(0, np.int64)
    )
    assert diversity_curve(none, np.empty((0, ITEMS), np.int32), Blend(), _table()) == []
