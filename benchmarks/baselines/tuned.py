"""The baselines with the parameters that a search chose for each protocol.

Every combination of a grid was tried on rows of train held out in the protocol's own way (`tuning.py`); test was not
looked at. BPR is slow: its grid was tried on MovieLens 100K alone. Data sets that were not tuned on get `_DEFAULT`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from benchmarks.baselines.als import Als
from benchmarks.baselines.baseline import Baseline
from benchmarks.baselines.bpr import Bpr
from benchmarks.baselines.ease import Ease
from benchmarks.baselines.item_knn import ItemKnn
from benchmarks.baselines.popularity import Popularity
from benchmarks.baselines.recent_popularity import RecentPopularity

Parameters = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Choice:
    """Parameters of each baseline; whether moments are known decides on recent popularity."""

    item_knn: Parameters
    ease: Parameters
    als: Parameters
    bpr: Parameters
    recent: bool = False


_BPR = {"factors": 64, "learning_rate": 0.003, "regularisation": 0.002, "iterations": 200}
_DEFAULT = Choice(
    item_knn={"neighbours": 200, "shrinkage": 20},
    ease={"regularisation": 500},
    als={"factors": 16, "regularisation": 10.0, "alpha": 1.0},
    bpr=_BPR,
    recent=True,
)
_CHOICES = {
    "ml100k-ms": dataclasses.replace(_DEFAULT, item_knn={"neighbours": 400}, recent=False),
    "ml1m-general": dataclasses.replace(
        _DEFAULT,
        item_knn={"neighbours": 200},
        ease={"regularisation": 1000},
        als={"factors": 32, "regularisation": 10.0, "alpha": 2.0},
        recent=False,
    ),
    "ml1m-sequence": dataclasses.replace(_DEFAULT, recent=False),
    "ml100k-time": dataclasses.replace(_DEFAULT, als={"factors": 16, "regularisation": 0.1, "alpha": 1.0}),
    "ml1m-time": dataclasses.replace(
        _DEFAULT, item_knn={"neighbours": 400, "shrinkage": 20}, ease={"regularisation": 2000}
    ),
}


def tuned(protocol: str) -> list[Baseline]:
    """The baselines of a protocol, new and unfitted.

    Raises:
        InputError: the package `implicit` is not installed.
    """
    choice = _CHOICES.get(protocol, _DEFAULT)
    recent: list[Baseline] = [RecentPopularity()] if choice.recent else []
    return [
        Popularity(),
        *recent,
        ItemKnn(**choice.item_knn),
        Ease(**choice.ease),
        Als(**choice.als),
        Bpr(**choice.bpr),
    ]
