"""Users and items that train has never met."""

from __future__ import annotations

import functools

import numpy as np
import pyarrow.parquet as pq

from benchmarks.quality import metrics
from benchmarks.quality.bench import Bench, Protocol
from benchmarks.quality.measure import judged
from benchmarks.quality.metrics import Floats
from benchmarks.quality.next_items import next_items
from benchmarks.quality.pipeline_run import Trained
from benchmarks.quality.protocols import demo_shop, time_split
from benchmarks.quality.protocols.time_split import TimeSplit
from benchmarks.quality.results import OURS, Bar, Row
from benchmarks.quality.schemas import published, without_text
from benchmarks.quality.servable import Servable
from benchmarks.quality.tables import Tables
from datasets.demo_shop.shop import make_demo_shop

NAME = "cold-start"
MOVIES, SHOP = "MovieLens 100K", "demo shop"
KNOWN, NEW, RATIO = "known users ndcg@10", "new users ndcg@10", "new / known"
FOUND, CHANCE, TIMES = "new items recall@100", "chance", "× chance"
NEW_USERS, NEW_ITEMS = "queries of new users", "interactions with new items"
_WITHOUT = f"{OURS}, without text"
_LEAST_HISTORY, _K = 3, 100


def baselines(bench: Bench) -> list[Row]:
    """None: chance and known users are what is compared with."""
    return []


def ours(bench: Bench, seed: int) -> list[Row]:
    """Both data sets, with text and without."""
    movies = time_split.load(bench, "ml-100k")
    rows = _rows(movies, time_split.run(bench, "ml100k-time", "movielens_100k", movies, seed), seed, MOVIES, OURS)
    rows += _rows(movies, _without_text(bench, movies, seed, "movielens_100k", "ml100k"), seed, MOVIES, _WITHOUT)
    shop = load_shop(bench)
    rows += _rows(shop, demo_shop.run(bench, seed), seed, SHOP, OURS)
    return rows + _rows(shop, _without_text(bench, shop, seed, "demo_shop", "shop"), seed, SHOP, _WITHOUT)


def load_shop(bench: Bench) -> TimeSplit:
    """The rows of the demo shop."""
    folder = bench.folder("imported") / "demo-shop"
    make_demo_shop(folder, file_format="parquet")
    read = functools.partial(pq.read_table, memory_map=True)
    tables = Tables(*(read(folder / f"{name}.parquet") for name in ("interactions", "items", "users")))
    return time_split.time_split(tables, request=("timestamp", "device"))


def _without_text(bench: Bench, split: TimeSplit, seed: int, schema: str, name: str) -> Trained:
    folder = bench.folder(NAME, f"{name}-without-text")
    split.tables.write(folder / "data")
    config = {"seed": seed, "serving": {"history_until": "eval"}}
    return bench.trained("run", folder / "data", without_text(published(schema)), config, folder / f"seed-{seed}")


def _rows(split: TimeSplit, trained: Trained, seed: int, group: str, system: str) -> list[Row]:
    """The figures of a servable, over all next items of test."""
    time_split.check_split(trained, split)
    servable = Servable(trained.servable, split.tables.item_names())
    asked = next_items(split.log, split.splits, seed, most=None)
    figures: dict[str, float] = {}
    lists = servable.example_lists("evaluate", asked.examples(split.tables, "rating", split.request), _K)
    long_enough = np.array([len(past) >= _LEAST_HISTORY for past in asked.pasts])
    values = judged(lists[:, :10], asked.queries)["ndcg@10"]
    new_user = ~np.isin(asked.queries.users, split.earlier.users)
    of_train = np.isin(asked.queries.users, split.train.users)
    figures[KNOWN] = _mean(values[of_train & long_enough])
    figures[NEW] = _mean(values[new_user & long_enough])
    figures[RATIO] = figures[NEW] / figures[KNOWN]
    figures[NEW_USERS] = float((new_user & long_enough).sum())
    new_item = split.earlier.counts()[split.log.items[asked.rows]] == 0
    hits = metrics.found(lists, asked.queries.relevant)
    free = split.log.num_items - np.array([len(past) for past in asked.pasts])
    figures[FOUND] = _mean(metrics.hit_rate(hits, _K)[new_item])
    figures[CHANCE] = _mean((_K / np.maximum(free, _K))[new_item])
    figures[TIMES] = figures[FOUND] / figures[CHANCE]
    figures[NEW_ITEMS] = float(new_item.sum())
    return [trained.row(system, figures, seed, group)]


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else float("nan")


PROTOCOL = Protocol(
    name=NAME,
    title="New users and new items",
    about=(
        "The split by time. *New users* have their first interaction in test; each later one of theirs with at least "
        f"{_LEAST_HISTORY} before it is a next-item query whose history comes with the request. *Known users* are "
        "those of train, with as long a history. *New items* have no interaction in train or eval; each test "
        "interaction with one is a query, found if it is among the 100 best of the whole catalogue. Chance is 100 "
        "divided by the items that the user has not seen, averaged over the same queries. Without text, the schema's "
        "text columns are carried but not modelled."
    ),
    metrics=(KNOWN, NEW, RATIO, NEW_USERS, FOUND, CHANCE, TIMES, NEW_ITEMS),
    bars=tuple(
        bar
        for group in (MOVIES, SHOP)
        for bar in (Bar(RATIO, least=0.8, group=group), Bar(TIMES, least=3, group=group))
    ),
    baselines=baselines,
    ours=ours,
)
