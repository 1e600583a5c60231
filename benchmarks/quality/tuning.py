"""`python -m benchmarks.quality.tuning PROTOCOL ...`: how the parameters in `baselines/tuned.py` were chosen.

Tries every combination of a small grid on rows of train or eval alone, held out as the protocol holds out its test,
and prints nDCG@10. Test is not looked at.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.baselines.als import Als
from benchmarks.baselines.baseline import Baseline
from benchmarks.baselines.bpr import Bpr
from benchmarks.baselines.ease import Ease
from benchmarks.baselines.item_knn import ItemKnn
from benchmarks.baselines.log import Log
from benchmarks.project import DATA
from benchmarks.quality.bench import Bench
from benchmarks.quality.measure import judged, means
from benchmarks.quality.protocols import ml1m_general, ml1m_sequence, ml100k_ms, time_split
from benchmarks.quality.queries import Queries, answer, queries_of_users
from benchmarks.quality.splits import stratified

_GRIDS: list[tuple[Callable[..., Baseline], Mapping[str, Sequence[Any]]]] = [
    (ItemKnn, {"neighbours": (20, 50, 100, 200, 400), "shrinkage": (0, 20)}),
    (Ease, {"regularisation": (50, 100, 250, 500, 1000, 2000)}),
    (Als, {"factors": (16, 32, 64, 128), "alpha": (1.0, 2.0, 5.0), "regularisation": (0.1, 10.0)}),
    (
        Bpr,
        {
            "factors": (16, 64),
            "learning_rate": (0.003, 0.01, 0.03),
            "regularisation": (0.002, 0.01, 0.05, 0.2),
            "iterations": (50, 200),
        },
    ),
]


def held_out(bench: Bench, protocol: str) -> tuple[Log, Queries]:
    """What to learn from, and queries about rows that are not of test."""
    if protocol == ml100k_ms.NAME:
        tables, splits = ml100k_ms.load(bench)
        train = tables.log().rows(splits == "train")
        inner = stratified(train.items, 0.75, 7)
        return train.rows(inner == "train"), queries_of_users(train.rows(inner == "train"), train.rows(inner == "test"))
    if protocol in (time_split.ML100K.name, time_split.ML1M.name):
        split = time_split.load(bench, "ml-100k" if protocol == time_split.ML100K.name else "ml-1m")
        queries = queries_of_users(split.train, split.log.rows(split.splits == "eval"))
        known = np.isin(queries.users, split.train.users)
        parts = (queries.users, queries.histories, queries.blocked, queries.relevant)
        return split.train, Queries(*(part[known] for part in parts))
    tables, splits = (ml1m_general if protocol == ml1m_general.NAME else ml1m_sequence).load(bench)
    log = tables.log()
    train = log.rows(splits == "train")
    return train, queries_of_users(train, log.rows(splits == "eval"))


def _candidates() -> Iterator[tuple[dict[str, Any], Baseline]]:
    for kind, grid in _GRIDS:
        for values in itertools.product(*grid.values()):
            parameters = dict(zip(grid, values, strict=True))
            yield parameters, kind(**parameters)


def main() -> None:
    """Prints a line a combination."""
    bench = Bench(DATA, Path(tempfile.gettempdir()) / "benchmark-quality-tuning")
    for protocol in sys.argv[1:]:
        train, queries = held_out(bench, protocol)
        for parameters, baseline in _candidates():
            began = time.process_time()
            baseline.fit(train)
            value = means(judged(answer(baseline, queries, 10), queries))["ndcg@10"]
            spent = time.process_time() - began
            print(f"{protocol}  {baseline.name}  {parameters}  {value:.4f}  {spent:.1f} CPU-s", flush=True)


if __name__ == "__main__":
    main()
