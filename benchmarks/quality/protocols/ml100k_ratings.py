"""How well ratings are predicted, on the five published folds of MovieLens 100K."""

from __future__ import annotations

import numpy as np

from benchmarks.baselines.rating_means import RatingMeans
from benchmarks.quality.bench import Bench, Protocol
from benchmarks.quality.metrics import rmse
from benchmarks.quality.pipeline_run import REFIT
from benchmarks.quality.results import OURS, Bar, Row
from benchmarks.quality.schemas import published, with_split
from benchmarks.quality.servable import Servable
from benchmarks.quality.splits import Splits
from benchmarks.quality.tables import Tables, movielens

NAME = "ml100k-ratings"
FOLDS = ("u1", "u2", "u3", "u4", "u5")
MEAN = "mean"
COST = "ranking training CPU-s"


def fold_splits(bench: Bench, tables: Tables, fold: str) -> Splits:
    """[interactions] "test" for the pairs of `<fold>.test`, else "train".

    Raises:
        ValueError: the published test file holds pairs that `u.data` lacks.
    """
    pairs = np.loadtxt(bench.data / "ml-100k" / f"{fold}.test", dtype=np.int64)
    stride = 1 << 32
    test = np.isin(tables.column("user_id") * stride + tables.column("item_id"), pairs[:, 0] * stride + pairs[:, 1])
    if test.sum() != len(pairs):
        raise ValueError(f"{fold}.test has {len(pairs)} pairs, u.data {test.sum()} of them")
    return np.where(test, "test", "train").astype(object)


def baselines(bench: Bench) -> list[Row]:
    """Shrunk means."""
    tables = movielens(bench.data / "ml-100k", bench.folder("imported"))
    log, ratings = tables.log(), tables.column("rating").astype(np.float64)
    errors = {}
    for fold in FOLDS:
        test = fold_splits(bench, tables, fold) == "test"
        model = RatingMeans()
        model.fit(log.rows(~test), ratings[~test])
        errors[fold] = rmse(model.predict(log.users[test], log.items[test]), ratings[test])
    return [Row(RatingMeans.name, {**errors, MEAN: float(np.mean(list(errors.values())))})]


def ours(bench: Bench, seed: int) -> list[Row]:
    """`score` of the pushed servables, one a fold."""
    tables = movielens(bench.data / "ml-100k", bench.folder("imported"))
    users, items = (tables.column(name).astype(str).astype(object) for name in ("user_id", "item_id"))
    errors, seconds = {}, []
    for fold in FOLDS:
        splits = fold_splits(bench, tables, fold)
        folder = bench.folder(NAME, fold)
        tables.write(folder / "data", splits)
        config = {"seed": seed, "serving": {"history_until": "eval"}, **REFIT}
        schema = with_split(published("movielens_100k"))
        trained = bench.trained("run", folder / "data", schema, config, folder / f"seed-{seed}")
        test = splits == "test"
        predicted = Servable(trained.servable, tables.item_names()).scores(users[test], items[test])
        errors[fold] = rmse(predicted, tables.column("rating")[test])
        seconds.append(trained.ranking_seconds)
    return [
        trained.row(OURS, {**errors, MEAN: float(np.mean(list(errors.values()))), COST: float(np.mean(seconds))}, seed)
    ]


PROTOCOL = Protocol(
    name=NAME,
    title="MovieLens 100K, root mean squared error of ratings",
    about=(
        "The five published folds. The pipeline sets a tenth of a fold's base aside as its eval and learns from it too "
        "at the end (`[refit]`); histories hold the whole base and nothing of the test. `score` is compared with the "
        "stars of the test pairs, all of which count."
    ),
    metrics=(*FOLDS, MEAN, COST),
    bars=(Bar(MEAN, most=0.900), Bar("u1", most=0.915)),
    baselines=baselines,
    ours=ours,
    seeds=1,
)
