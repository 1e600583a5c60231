"""A global split by time, which is what production looks like: MovieLens 100K and 1M."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.baselines.baseline import Baseline
from benchmarks.baselines.log import Log
from benchmarks.baselines.tuned import tuned
from benchmarks.quality.bench import Bench, Protocol
from benchmarks.quality.config_changes import Config
from benchmarks.quality.measure import TRAINING, K, judged, means, measure_on_both
from benchmarks.quality.metrics import Floats, interval
from benchmarks.quality.next_items import NextItems, next_items
from benchmarks.quality.pipeline_run import Trained
from benchmarks.quality.queries import Queries, queries_of_users
from benchmarks.quality.results import OURS, Bar, Row
from benchmarks.quality.schemas import published
from benchmarks.quality.servable import Servable
from benchmarks.quality.splits import Splits, by_time
from benchmarks.quality.tables import Tables, movielens

SHARES = (0.8, 0.1, 0.1)
BOUNDARY, NEXT, SCORECARD = "users at the boundary", "next items", "next items, by the scorecard"
PER_USER = f"{OURS}, chosen per user"
_ALONE = "retrieval alone"
RETRIEVAL = f"{OURS}, {_ALONE}"
GAIN, GAIN_LOW, GAIN_HIGH = "gain of ranking", "gain, 95 % from", "gain, 95 % to"
_QUERY_SEED = 42


@dataclasses.dataclass(frozen=True)
class TimeSplit:
    """A data set split by time, with its queries.

    Attributes:
        tables: the data set.
        log: its interactions, all of which are positives.
        splits: [n] of each.
        boundary: a query for each user of train or eval: what test holds, given these two.
        following: the next items of test.
        request: columns of the interactions that are known at request time.
    """

    tables: Tables
    log: Log
    splits: Splits
    boundary: Queries
    following: NextItems
    request: tuple[str, ...] = ("timestamp",)

    @property
    def train(self) -> Log:
        """The train rows."""
        return self.log.rows(self.splits == "train")

    @property
    def earlier(self) -> Log:
        """The train and eval rows."""
        return self.log.rows(self.splits != "test")


def time_split(tables: Tables, request: tuple[str, ...] = ("timestamp",)) -> TimeSplit:
    """Splits a data set and makes up the queries."""
    log = tables.log("timestamp")
    assert log.moments is not None
    splits = by_time(log.moments, SHARES)
    everybody = queries_of_users(log.rows(splits != "test"), log.rows(splits == "test"))
    known = np.diff(everybody.histories.indptr) > 0
    boundary = Queries(
        everybody.users[known], everybody.histories[known], everybody.blocked[known], everybody.relevant[known]
    )
    return TimeSplit(tables, log, splits, boundary, next_items(log, splits, _QUERY_SEED), request)


def baseline_rows(systems: Sequence[Baseline], split: TimeSplit, groups: Sequence[str]) -> list[Row]:
    """The figures of baselines."""
    questions = {BOUNDARY: split.boundary, NEXT: split.following.queries}
    return measure_on_both(systems, split.train, split.earlier, {group: questions[group] for group in groups})


def our_rows(trained: Trained, split: TimeSplit, seed: int, groups: Sequence[str], system: str = OURS) -> list[Row]:
    """The figures of a pushed servable, and of its retrieval."""
    servable = Servable(trained.servable, split.tables.item_names())
    rows = []
    for group in groups:
        if group == BOUNDARY:
            queries = split.boundary
            users = split.tables.user_names()[queries.users]
            final, alone = (judged(servable.lists(name, users, K), queries) for name in ("recommend", "retrieval"))
        else:
            queries = split.following.queries
            asked = split.following.examples(split.tables, "rating", split.request)
            final, alone = (
                judged(servable.example_lists(name, asked, K), queries) for name in ("evaluate", "evaluate_retrieval")
            )
        costs = {TRAINING: trained.training_seconds}
        whole = {TRAINING: trained.training_seconds + trained.ranking_seconds}
        gain = _gain(final, alone, queries)
        rows.append(trained.row(system, {**means(final), **gain, **whole}, seed, group))
        rows.append(trained.row(f"{system}, {_ALONE}", {**means(alone), **costs}, seed, group))
    return rows


def scorecard_rows(trained: Trained, seed: int) -> list[Row]:
    """What the run itself says of its test split."""
    measured = trained.scorecard["metrics"]["test"]
    names = {"popularity": "popularity", "retrieval": RETRIEVAL, "recommender": OURS}
    return [
        trained.row(
            name, {key: measured[system][key] for key in ("ndcg@10", "recall@10", "hit_rate@10")}, seed, SCORECARD
        )
        for system, name in names.items()
    ]


def _gain(final: dict[str, Floats], alone: dict[str, Floats], queries: Queries) -> dict[str, float]:
    mean, low, high = interval(final["ndcg@10"], alone["ndcg@10"], queries.users, seed=0)
    return {GAIN: mean, GAIN_LOW: low, GAIN_HIGH: high}


def load(bench: Bench, source: str) -> TimeSplit:
    """The data set of a folder of MovieLens."""
    return time_split(movielens(bench.data / source, bench.folder("imported")))


def run(bench: Bench, name: str, schema: str, split: TimeSplit, seed: int, changes: Config | None = None) -> Trained:
    """The pipeline with its own split by time, and histories that end before test.

    Raises:
        ValueError: the pipeline split in another way.
    """
    folder = bench.folder(name)
    data: Path = folder / "data"
    split.tables.write(data)
    config = {"seed": seed, "serving": {"history_until": "eval"}, **(changes or {})}
    trained = bench.trained("run", data, published(schema), config, folder / f"seed-{seed}")
    check_split(trained, split)
    return trained


def check_split(trained: Trained, split: TimeSplit) -> None:
    """Compares the pipeline's split with ours.

    Raises:
        ValueError: they differ.
    """
    ours = {name: int((split.splits == name).sum()) for name in ("train", "eval", "test")}
    if trained.scorecard["data"]["split_rows"] != ours:
        raise ValueError(f"the pipeline split {trained.scorecard['data']['split_rows']}, expected {ours}")


def _baselines(bench: Bench, name: str, source: str) -> list[Row]:
    return baseline_rows(tuned(name), load(bench, source), (BOUNDARY, NEXT))


def _ours(bench: Bench, seed: int, name: str, source: str, schema: str) -> list[Row]:
    split = load(bench, source)
    trained = run(bench, name, schema, split, seed)
    rows = our_rows(trained, split, seed, (BOUNDARY, NEXT)) + scorecard_rows(trained, seed)
    per_user = run(bench, f"{name}-per-user", schema, split, seed, {"evaluation": {"protocol": "per_user"}})
    return rows + our_rows(per_user, split, seed, (BOUNDARY,), PER_USER)


def _protocol(name: str, title: str, source: str, schema: str, costs: Bar) -> Protocol:
    return Protocol(
        name=name,
        title=title,
        about=(
            "The newest tenth of all ratings is test, the tenth before it eval (the pipeline's own split, without a "
            "`split` column). All ratings are positives. "
            f"*{BOUNDARY.capitalize()}*: each user of train or eval is asked by `recommend` for 10 movies, histories "
            "ending where test begins; relevant is what test holds of the user. "
            f"*{NEXT.capitalize()}*: for each rating of test (a seeded 5,000 where there are more) the 10 best, given "
            "all that the user had rated before, by `evaluate` (`serve_examples` with a k). The baselines are asked "
            "the same with the same histories; BPR, which knows users and not histories, takes the mean user for new "
            "ones. The interval is a paired bootstrap over users. By default the models are chosen by next items of "
            f'eval; *{PER_USER}* is a run of its own with `[evaluation] protocol = "per_user"`, which chooses by what '
            "eval holds of each user."
        ),
        metrics=("ndcg@10", "recall@10", "hit_rate@10", GAIN, GAIN_LOW, GAIN_HIGH, TRAINING),
        bars=(
            *(Bar("ndcg@10", over_baselines=True, system=RETRIEVAL, group=group) for group in (BOUNDARY, NEXT)),
            Bar("ndcg@10", over_baselines=True, system=f"{PER_USER}, {_ALONE}", group=BOUNDARY),
            *(Bar(GAIN_LOW, least=0.0, group=group) for group in (BOUNDARY, NEXT)),
            Bar(GAIN_LOW, least=0.0, system=PER_USER, group=BOUNDARY),
            costs,
        ),
        baselines=functools.partial(_baselines, name=name, source=source),
        ours=functools.partial(_ours, name=name, source=source, schema=schema),
    )


ML100K = _protocol(
    "ml100k-time",
    "MovieLens 100K, split by time",
    "ml-100k",
    "movielens_100k",
    Bar(TRAINING, most=120, system=RETRIEVAL, group=NEXT),
)
ML1M = _protocol(
    "ml1m-time",
    "MovieLens 1M (users with times), split by time",
    "ml-1m",
    "movielens_1m",
    Bar(TRAINING, most=1200, system=RETRIEVAL, group=NEXT),
)
