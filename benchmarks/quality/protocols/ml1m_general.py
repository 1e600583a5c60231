"""MovieLens 1M as RecBole's general recommenders take it."""

from __future__ import annotations

from benchmarks.baselines.tuned import tuned
from benchmarks.quality.bench import Bench, Protocol
from benchmarks.quality.config_changes import Config
from benchmarks.quality.measure import TRAINING, K, judged, means, measure_on_both
from benchmarks.quality.pipeline_run import REFIT
from benchmarks.quality.queries import Queries, queries_of_users
from benchmarks.quality.results import OURS, TRAIN, TRAIN_AND_EVAL, Bar, Row
from benchmarks.quality.schemas import published, with_split
from benchmarks.quality.servable import Servable
from benchmarks.quality.splits import Splits, random_within_users
from benchmarks.quality.tables import Tables, movielens

NAME = "ml1m-general"
INFERENCE = "inference CPU-s"
_SPLIT_SEED = 42
_POSITIVE = 3


def load(bench: Bench) -> tuple[Tables, Splits]:
    """The tables, with ratings from 3 stars up, and the split of each interaction."""
    tables = movielens(bench.data / "ml-1m", bench.folder("imported"), times=False)
    tables = tables.rows(tables.column("rating") >= _POSITIVE)
    return tables, random_within_users(tables.log().users, (0.8, 0.1, 0.1), _SPLIT_SEED)


def queries_of(tables: Tables, splits: Splits) -> Queries:
    """One query a user: what test holds, given train and eval."""
    log = tables.log()
    return queries_of_users(log.rows(splits != "test"), log.rows(splits == "test"))


def baselines(bench: Bench) -> list[Row]:
    """Fitted on train alone, and on train and eval too."""
    tables, splits = load(bench)
    log = tables.log()
    return measure_on_both(
        tuned(NAME), log.rows(splits == "train"), log.rows(splits != "test"), {"": queries_of(tables, splits)}
    )


def ours(bench: Bench, seed: int) -> list[Row]:
    """`recommend` and `retrieval` of the servable that learned from train, and of the one refitted on eval too."""
    tables, splits = load(bench)
    folder = bench.folder(NAME)
    tables.write(folder / "data", splits)
    config = {"seed": seed, "serving": {"history_until": "eval"}}
    schema = with_split(published("movielens_1m_notime"))
    queries = queries_of(tables, splits)
    users = tables.user_names()[queries.users]
    rows = []
    variants: list[tuple[str, str, Config, str]] = [
        ("run", OURS, {}, TRAIN),
        ("refit", f"{OURS}, refitted", REFIT, TRAIN_AND_EVAL),
    ]
    spent = 0.0
    for name, ours_is, more, learned_from in variants:
        # The refitted one begins with the models of the first, from the cache.
        root, shared = folder / f"seed-{seed}", name == "refit"
        trained = bench.trained(name, folder / "data", schema, {**config, **more}, root, shared=shared)
        spent += trained.training_seconds
        servable = Servable(trained.servable, tables.item_names())
        for system, signature in ((ours_is, "recommend"), (f"{ours_is}, retrieval alone", "retrieval")):
            values = means(judged(servable.lists(signature, users, K), queries))
            costs = {TRAINING: spent, INFERENCE: servable.cpu_seconds}
            rows.append(trained.row(system, {**values, **costs}, seed, learned_from=learned_from))
    return rows


PROTOCOL = Protocol(
    name=NAME,
    title="MovieLens 1M, RecBole's general protocol",
    about=(
        "Ratings below 3 stars are dropped. Of each user's others, at random, a tenth is test, a tenth eval, the rest "
        "train. Each user is asked for 10 movies of the whole catalogue that neither train nor eval have of them; "
        "histories hold train and eval, for us and for the baselines. What the parameters are learned from stands "
        "beside each system."
    ),
    metrics=("ndcg@10", "recall@10", "hit_rate@10", TRAINING, INFERENCE),
    bars=(
        Bar("ndcg@10", least=0.295),
        Bar("recall@10", least=0.220),
        Bar("ndcg@10", over_baselines=True),
        Bar("recall@10", over_baselines=True),
        Bar("ndcg@10", over_baselines=True, system=f"{OURS}, refitted"),
        Bar("recall@10", over_baselines=True, system=f"{OURS}, refitted"),
        Bar(TRAINING, most=1200, system=f"{OURS}, retrieval alone"),
        Bar(INFERENCE, most=60),
    ),
    baselines=baselines,
    ours=ours,
)
