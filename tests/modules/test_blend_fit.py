"""The final order: whom the eval split believes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from modules.blend_fit import StageScores, fit_blend
from modules.serving.config import Blend

Q, K = 200, 30
RNG = np.random.default_rng(5)
HITS = np.zeros((Q, K), bool)
HITS[np.arange(Q), RNG.integers(0, K, Q)] = True
NOISE = RNG.normal(size=(3, Q, K)).astype(np.float32)


def _scores(**values: Any) -> StageScores:
    usual: dict[str, Any] = {
        "retrieval": NOISE[0],
        "taken": NOISE[1],
        "target": None,
        "present": np.ones((Q, K), bool),
        "hits": HITS,
        "num_relevant": np.ones(Q, np.int64),
    }
    return StageScores(**(usual | values))


def _informed(noise: npt.NDArray[np.float32], strength: float) -> npt.NDArray[np.float32]:
    return noise + np.float32(strength) * HITS


def test_a_ranker_of_noise_has_no_say() -> None:
    """Even where chance would let it look a little better."""
    blend, best, alone = fit_blend(_scores(retrieval=_informed(NOISE[0], 2.0), target=NOISE[2]))
    assert blend == Blend() and best == alone > 0.5


def test_a_perfect_ranker_decides() -> None:
    blend, best, alone = fit_blend(_scores(taken=HITS.astype(np.float32) * 7))
    assert best > 0.99 and alone < 0.2
    assert blend.taken > 0 and blend.target == 0 and blend.retrieval == 1


def test_a_perfect_target_decides() -> None:
    blend, best, alone = fit_blend(_scores(target=1 + 4 * HITS.astype(np.float32)))
    assert blend.target > 0 and best > alone + 0.1


def test_two_that_know_something_are_added_up() -> None:
    retrieval, taken = _informed(NOISE[0], 2.0), _informed(NOISE[1] * 100, 200.0)
    blend, best, alone = fit_blend(_scores(retrieval=retrieval, taken=taken))
    _, taken_alone, _ = fit_blend(_scores(retrieval=np.zeros((Q, K), np.float32), taken=taken))
    assert best > max(alone, taken_alone) + 0.05
    assert 0.002 < blend.taken < 0.05  # in a unit a hundred times as large


@pytest.mark.parametrize(("sign", "above"), [(1, True), (-1, False)])
def test_recency_may_gain_or_lose_weight(sign: int, above: bool) -> None:
    """What retrieval has too little of in its score is added, what it has too much of is taken off."""
    recent = RNG.normal(size=(Q, K)).astype(np.float32)
    wanted = _informed(NOISE[0], 3.0)
    blend, best, alone = fit_blend(_scores(retrieval=wanted - sign * recent, recent=recent))
    assert (blend.recent > 0) is above
    assert best > alone + 0.02
    # In units of the spread of retrieval, some 1.5, over that of the prior, 1.
    assert 0.1 < abs(blend.recent) < 0.8


def test_recency_of_noise_has_no_weight() -> None:
    assert fit_blend(_scores(retrieval=_informed(NOISE[0], 2.0), recent=NOISE[2]))[0] == Blend()


def test_a_ranker_that_thinks_too_well_of_what_nobody_had_taken() -> None:
    """It knows the order, but for 3 that it adds to every third candidate; the level takes them off again."""
    unmet = (np.arange(Q * K).reshape(Q, K) % 3 == 0).astype(np.float32)
    taken = _informed(NOISE[1], 3.0)
    honest = fit_blend(_scores(taken=taken))
    found = fit_blend(_scores(taken=taken + 3 * unmet, unmet=unmet))
    uncorrected = fit_blend(_scores(taken=taken + 3 * unmet))
    assert found[0].unmet < 0 and honest[0].unmet == 0
    assert uncorrected[1] + 0.05 < found[1] <= honest[1] + 0.02


def test_what_is_good_in_one_half_alone_has_no_say() -> None:
    """All of what the ranker knows, and more, it gets wrong in the other half: chosen there or here, it fails."""
    wise = np.where((np.arange(Q) < Q // 2)[:, None], 5.0, -2.0).astype(np.float32)
    scores = _scores(retrieval=_informed(NOISE[0], 1.0), taken=NOISE[1] + wise * HITS)
    assert fit_blend(scores)[0] == Blend()
    assert fit_blend(_scores(retrieval=scores.retrieval, taken=NOISE[1] + 2.0 * HITS))[0].taken > 0


def test_a_ranker_whose_scores_are_no_numbers_has_no_say() -> None:
    retrieval = _informed(NOISE[0], 2.0)
    expected = fit_blend(_scores(retrieval=retrieval))
    found = fit_blend(_scores(retrieval=retrieval, taken=np.full((Q, K), np.nan, np.float32)))
    assert found == expected and found[0] == Blend() and found[1] < 0.9


@pytest.mark.parametrize("nonsense", [np.nan, np.inf, -np.inf, 1e30])
def test_absent_candidates_change_nothing(nonsense: float) -> None:
    retrieval, taken = _informed(NOISE[0], 1.0), _informed(NOISE[1], 3.0)
    expected = fit_blend(_scores(retrieval=retrieval, taken=taken, target=NOISE[2]))
    padding = np.full((Q, 5), np.float32(nonsense))
    wider = {name: np.hstack([values, padding]) for name, values in
             (("retrieval", retrieval), ("taken", taken), ("target", NOISE[2]))}  # fmt: skip
    absent = np.zeros((Q, 5), bool)
    present = np.hstack([np.ones((Q, K), bool), absent])
    found = fit_blend(_scores(**wider, present=present, hits=np.hstack([HITS, absent])))
    assert found[0].taken == pytest.approx(expected[0].taken, rel=1e-4)
    assert found[1:] == pytest.approx(expected[1:], rel=1e-6)


def test_queries_with_one_candidate_or_none() -> None:
    present = np.zeros((Q, K), bool)
    present[: Q // 2, 0] = True
    blend, best, alone = fit_blend(_scores(present=present, hits=HITS & present))
    assert blend == Blend()
    assert best == alone == pytest.approx((HITS & present).sum() / Q)  # found, it is at the top


def test_no_queries() -> None:
    empty = {name: np.empty((0, K), np.float32) for name in ("retrieval", "taken")}
    flags = {name: np.empty((0, K), bool) for name in ("present", "hits")}
    assert fit_blend(_scores(**empty, **flags, num_relevant=np.empty(0, np.int64))) == (Blend(), 0.0, 0.0)


def test_by_hand() -> None:
    """Two queries of three candidates: retrieval finds one at place 1 and one at place 3."""
    hits = np.array([[True, False, False], [False, False, True]])
    scores = _scores(
        retrieval=np.array([[3, 2, 1], [3, 2, 1]], np.float32), taken=np.zeros((2, 3), np.float32),
        present=np.ones((2, 3), bool), hits=hits, num_relevant=np.array([1, 1]),
    )  # fmt: skip
    assert fit_blend(scores)[2] == pytest.approx((1 + 1 / 2) / 2)
