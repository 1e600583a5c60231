"""A data set that nothing was tuned on, with nothing configured."""

from __future__ import annotations

from benchmarks.baselines.tuned import tuned
from benchmarks.quality.bench import Bench, Protocol
from benchmarks.quality.measure import TRAINING
from benchmarks.quality.protocols import time_split
from benchmarks.quality.protocols.time_split import GAIN, GAIN_HIGH, GAIN_LOW, NEXT
from benchmarks.quality.results import OURS, Bar, Row
from benchmarks.quality.schemas import published

NAME = "defaults"
_SOURCE = "ml-latest-small"


def baselines(bench: Bench) -> list[Row]:
    """With the parameters that did well on other data sets."""
    return time_split.baseline_rows(tuned(NAME), time_split.load(bench, _SOURCE), (NEXT,))


def ours(bench: Bench, seed: int) -> list[Row]:
    """A run without a configuration, gates and all; other seeds than 42 are the one thing configured."""
    split = time_split.load(bench, _SOURCE)
    folder = bench.folder(NAME)
    split.tables.write(folder / "data")
    config = {} if seed == 42 else {"seed": seed}
    schema = published("movielens_csv")
    trained = bench.trained("run", folder / "data", schema, config, folder / f"seed-{seed}", gated=True)
    time_split.check_split(trained, split)
    return time_split.our_rows(trained, split, seed, (NEXT,)) + time_split.scorecard_rows(trained, seed)


PROTOCOL = Protocol(
    name=NAME,
    title="MovieLens latest-small, nothing configured",
    about=(
        "`local_runner.py --data … --schema schema/movielens_csv.pbtxt` and nothing else, gates included. Next items "
        "as in the protocols split by time."
    ),
    metrics=("ndcg@10", "recall@10", "hit_rate@10", GAIN, GAIN_LOW, GAIN_HIGH, TRAINING),
    bars=(
        Bar("ndcg@10", over_baselines=True, group=NEXT, system=OURS),
        Bar("ndcg@10", over_baselines=True, group=NEXT, system=time_split.RETRIEVAL),
    ),
    baselines=baselines,
    ours=ours,
)
