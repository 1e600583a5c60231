"""MovieLens 100K as Microsoft Recommenders' benchmark takes it."""

from __future__ import annotations

from benchmarks.baselines.tuned import tuned
from benchmarks.quality.bench import Bench, Protocol
from benchmarks.quality.measure import TRAINING, K, judged, means, measure_baselines
from benchmarks.quality.pipeline_run import REFIT
from benchmarks.quality.queries import Queries, queries_of_users
from benchmarks.quality.results import OURS, Bar, Row
from benchmarks.quality.schemas import published, with_split
from benchmarks.quality.servable import Servable
from benchmarks.quality.splits import Splits, stratified
from benchmarks.quality.tables import Tables, movielens

NAME = "ml100k-ms"
_SPLIT_SEED = 42


def load(bench: Bench) -> tuple[Tables, Splits]:
    """The tables and the split of each interaction."""
    tables = movielens(bench.data / "ml-100k", bench.folder("imported"))
    return tables, stratified(tables.log().items, 0.75, _SPLIT_SEED)


def queries_of(tables: Tables, splits: Splits) -> Queries:
    """One query a user: what test holds, given train."""
    log = tables.log()
    return queries_of_users(log.rows(splits == "train"), log.rows(splits == "test"))


def baselines(bench: Bench) -> list[Row]:
    """All but recent popularity: the split has no newest events."""
    tables, splits = load(bench)
    train = tables.log().rows(splits == "train")
    return measure_baselines(tuned(NAME), train, {"": queries_of(tables, splits)})


def ours(bench: Bench, seed: int) -> list[Row]:
    """`recommend` and `retrieval` of the pushed servable."""
    tables, splits = load(bench)
    folder = bench.folder(NAME)
    tables.write(folder / "data", splits)
    config = {"seed": seed, "serving": {"history_until": "eval"}, **REFIT}
    schema = with_split(published("movielens_100k"))
    trained = bench.trained("run", folder / "data", schema, config, folder / f"seed-{seed}")
    servable = Servable(trained.servable, tables.item_names())
    queries = queries_of(tables, splits)
    users = tables.user_names()[queries.users]
    rows = []
    for system, signature in ((OURS, "recommend"), (f"{OURS}, retrieval alone", "retrieval")):
        values = means(judged(servable.lists(signature, users, K), queries))
        rows.append(trained.row(system, {**values, TRAINING: trained.training_seconds}, seed))
    return rows


PROTOCOL = Protocol(
    name=NAME,
    title="MovieLens 100K, Microsoft Recommenders' protocol",
    about=(
        "75 % of the ratings of each movie are train, the others test (`python_stratified_split`, `filter_by` the "
        "item, seed 42). Every rating is relevant, whatever its stars. Each user is asked for 10 movies that are not "
        "in the user's train. MAP and recall are divided by the user's number of test movies. The pipeline sets a "
        "tenth of train aside as its eval and learns from it too at the end (`[refit]`)."
    ),
    metrics=("ndcg@10", "map@10", "recall@10", "precision@10", TRAINING),
    bars=(
        Bar("ndcg@10", least=0.500),
        Bar("map@10", least=0.155),
        Bar("ndcg@10", over_baselines=True),
        Bar(TRAINING, most=120, system=f"{OURS}, retrieval alone"),
    ),
    baselines=baselines,
    ours=ours,
)
