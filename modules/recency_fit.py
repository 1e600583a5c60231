"""How much retrieval listens to what is known of an item's time: chosen on the eval split."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from modules.item_age import ItemAge
from modules.item_popularity import WINDOWS, ItemPopularity, item_popularity
from modules.recency_judge import Bools, Floats, Prior, Questions, RecencyJudge
from modules.taken import Taken

RECENT_STEPS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)
AGE_STEPS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5)
LEVELS = (-20.0, -4.0, -2.0, -1.5, -1.0, -0.5, 0.5, 1.0)  # the first is "practically never"
_ROUNDS = 3


def fit_recency(
    splits: Sequence[Taken],
    vectors: Floats,
    questions: Iterable[Questions],
    unmet: Bools | None = None,
    age: ItemAge | None = None,
) -> tuple[ItemPopularity, float, float]:
    """The prior with the greatest nDCG@10 in the whole catalogue, by coordinate ascent.

    Its coordinates are the weight of ages, the level of what retrieval never met, and window and weight of recent
    popularity. As in the blend, each must beat the prior without it by more than the standard error of the difference:
    else it has no weight.

    Args:
        splits: positives of train, eval and test; train's alone are counted in the fit.
        vectors: [num_items, D] float32 of the candidate tower.
        questions: of eval, in batches.
        unmet: [num_items] what retrieval never met; None for nothing.
        age: of the items; None where it is unknown.

    Returns:
        the popularity with the best window and weights; nDCG@10 with them and without them, among what is on sale.
    """
    num_items = len(vectors)
    counted = {window: item_popularity(splits, num_items, window) for window in WINDOWS}
    judge = RecencyJudge(counted, vectors, list(questions), unmet, age)
    grids = _grids(judge)
    best, (alone,) = Prior(WINDOWS[0]), judge.ndcg([Prior(WINDOWS[0])])
    if not grids or not len(alone):
        return dataclasses.replace(item_popularity(splits, num_items), unmet=unmet, age=age), 0.0, 0.0
    reached, settled = alone, 0
    for name, values in itertools.islice(itertools.cycle(grids), _ROUNDS * len(grids)):
        before = reached
        best, reached = _best_along(judge, best, name, values)
        settled = settled + 1 if np.array_equal(before, reached) else 1
        if settled == len(grids):  # each is the best that it can be beside the others
            break
    spread, prior = judge.spread, counted[best.window]
    found = dataclasses.replace(
        prior,
        weight=best.recent * spread / float(prior.recent[:, 0].std()) if best.recent else 0.0,
        unmet=unmet,
        level=best.level * spread,
        age=age and dataclasses.replace(age, weight=best.age * spread),
    )
    return found, float(reached.mean()), float(alone.mean())


def _grids(judge: RecencyJudge) -> list[tuple[str, Sequence[tuple[float, float]]]]:
    """What can be varied, and its values beside 0, each with a window, which is of recent popularity alone."""
    grids: list[tuple[str, Sequence[tuple[float, float]]]] = []
    # Ages first: what nobody met is all new on eval, and would get as a level for good what its age explains.
    if judge.age is not None and judge.age.boosts.any():
        grids.append(("age", [(value, 0.0) for value in AGE_STEPS]))
    if judge.unmet is not None:
        grids.append(("level", [(value, 0.0) for value in LEVELS]))
    windows = [window for window, prior in judge.counted.items() if prior.recent[:, 0].std() > 0]
    if windows:
        grids.append(("recent", [(value, window) for window in windows for value in RECENT_STEPS]))
    return grids


def _best_along(
    judge: RecencyJudge, prior: Prior, name: str, values: Sequence[tuple[float, float]]
) -> tuple[Prior, npt.NDArray[np.float64]]:
    """The prior with the best value of one coordinate, and its nDCG; with 0, unless another is surely better."""
    tried = [dataclasses.replace(prior, **{name: 0.0})]
    tried += [dataclasses.replace(prior, **{name: value, "window": window or prior.window}) for value, window in values]
    found = judge.ndcg(tried)
    best = 1 + int(found[1:].mean(axis=1).argmax())
    gain = found[best] - found[0]
    if gain.mean() > gain.std() / np.sqrt(len(gain)):
        return tried[best], found[best]
    return dataclasses.replace(tried[0], window=tried[best].window), found[0]
