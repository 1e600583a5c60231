"""MovieLens 1M as RecBole's general recommenders take it."""

from __future__ import annotations

from benchmarks.baselines.tuned import tuned
from benchmarks.quality.bench import Bench, Protocol
from benchmarks.quality.measure import TRAINING, K, judged, means, measure_on_both
from benchmarks.quality.queries import Queries, queries_of_users
from benchmarks.quality.results import OURS, Bar, Row
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
    """`recommend` and `retrieval` of the pushed servable."""
    tables, splits = load(bench)
    folder = bench.folder(NAME)
    tables.write(folder / "data", splits)
    config = {"seed": seed, "serving": {"history_until": "eval"}}
    schema = with_split(published("movielens_1m_notime"))
    trained = bench.trained("run", folder / "data", schema, config, folder / f"seed-{seed}")
    servable = Servable(trained.servable, tables.item_names())
    queries = queries_of(tables, splits)
    users = tables.user_names()[queries.users]
    rows = []
    for system, signature in ((OURS, "recommend"), (f"{OURS}, retrieval alone", "retrieval")):
        values = means(judged(servable.lists(signature, users, K), queries))
        costs = {TRAINING: trained.training_seconds, INFERENCE: servable.cpu_seconds}
        rows.append(trained.row(system, {**values, **costs}, seed))
    return rows


PROTOCOL = Protocol(
    name=NAME,
    title="MovieLens 1M, RecBole's general protocol",
    about=(
        "Ratings below 3 stars are dropped. Of each user's others, at random, a tenth is test, a tenth eval, the rest "
        "train. Each user is asked for 10 movies of the whole catalogue that neither train nor eval have of them; "
        "histories hold train and eval, for us and for the baselines, whose parameters are learned from train alone "
        "where nothing else is said."
    ),
    metrics=("ndcg@10", "recall@10", "hit_rate@10", TRAINING, INFERENCE),
    bars=(
        Bar("ndcg@10", least=0.295),
        Bar("recall@10", least=0.220),
        Bar("ndcg@10", over_baselines=True),
        Bar("recall@10", over_baselines=True),
        Bar(TRAINING, most=1200, system=f"{OURS}, retrieval alone"),
        Bar(INFERENCE, most=60),
    ),
    baselines=baselines,
    ours=ours,
)
