"""MovieLens 1M in time order, leave last out, as sequential recommenders take it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.baselines.tuned import tuned
from benchmarks.quality.bench import Bench, Protocol
from benchmarks.quality.measure import TRAINING, K, judged, means, measure_on_both
from benchmarks.quality.queries import Queries, queries_of_users
from benchmarks.quality.results import OURS, Bar, Row
from benchmarks.quality.schemas import SEQUENCES
from benchmarks.quality.servable import Servable
from benchmarks.quality.splits import Splits, last_out
from benchmarks.quality.tables import Tables
from modules.errors import InputError

NAME = "ml1m-sequence"
TOWERS = ("transformer", "history")


def read_sequences(path: Path) -> Tables:
    """The tables of a file with a line `user item` an interaction, each user's in time order.

    Raises:
        InputError: there is no such file, or it holds something else than pairs of integers.
    """
    try:
        pairs = np.loadtxt(path, dtype=np.int64, ndmin=2)
    except (OSError, ValueError) as error:
        raise InputError(f"file {path}", "lines of a user and an item, both integers", error) from error
    users, items = pairs[:, 0], pairs[:, 1]
    order = np.argsort(users, kind="stable")
    _, first, numbers = np.unique(users[order], return_index=True, return_inverse=True)
    place = np.empty(len(users), np.int64)
    place[order] = np.arange(len(users)) - first[numbers] + 1
    return Tables(
        pa.table({"user_id": users, "item_id": items, "place": place}), pa.table({"item_id": np.unique(items)}), None
    )


def load(bench: Bench) -> tuple[Tables, Splits]:
    """The tables and the split of each interaction."""
    tables = read_sequences(bench.data / "ml-1m" / "chronological.txt")
    log = tables.log("place")
    assert log.moments is not None
    return tables, last_out(log.users, log.moments)


def queries_of(tables: Tables, splits: Splits) -> Queries:
    """One query a user: the last item, given all before it."""
    log = tables.log()
    return queries_of_users(log.rows(splits != "test"), log.rows(splits == "test"))


def baselines(bench: Bench) -> list[Row]:
    """All but recent popularity: places in sequences do not say what is recent."""
    tables, splits = load(bench)
    log = tables.log()
    return measure_on_both(
        tuned(NAME), log.rows(splits == "train"), log.rows(splits != "test"), {"": queries_of(tables, splits)}
    )


def ours(bench: Bench, seed: int) -> list[Row]:
    """`recommend` of the pushed servable, with each of the towers."""
    tables, splits = load(bench)
    folder = bench.folder(NAME)
    tables.write(folder / "data", splits)
    queries = queries_of(tables, splits)
    users = tables.user_names()[queries.users]
    rows = []
    for tower in TOWERS:
        config = {
            "seed": seed,
            "retrieval": {"query_tower": tower},
            "evaluation": {"protocol": "next_item"},
            "serving": {"history_until": "eval"},
        }
        trained = bench.trained(tower, folder / "data", SEQUENCES, config, folder / f"{tower}-{seed}")
        servable = Servable(trained.servable, tables.item_names())
        for system, signature in (
            (f"{OURS}, {tower}", "recommend"),
            (f"{OURS}, {tower}, retrieval alone", "retrieval"),
        ):
            values = means(judged(servable.lists(signature, users, K), queries))
            rows.append(trained.row(system, {**values, TRAINING: trained.training_seconds}, seed))
    return rows


PROTOCOL = Protocol(
    name=NAME,
    title="MovieLens 1M, leave last out in time order",
    about=(
        "The last item of each user is test, the one before it eval, the others train; ids and the order are all that "
        "is known. Each user is asked for 10 movies of the whole catalogue that are not among those before the last."
    ),
    metrics=("hit_rate@10", "ndcg@10", TRAINING),
    bars=(
        Bar("hit_rate@10", least=0.29, system=f"{OURS}, transformer"),
        Bar("ndcg@10", least=0.165, system=f"{OURS}, transformer"),
        Bar(TRAINING, most=3600, system=f"{OURS}, transformer"),
        Bar("ndcg@10", over_baselines=True, system=f"{OURS}, transformer"),
        Bar("ndcg@10", over_system=f"{OURS}, history", system=f"{OURS}, transformer"),
    ),
    baselines=baselines,
    ours=ours,
)
