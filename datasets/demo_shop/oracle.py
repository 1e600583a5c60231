"""What a recommender could reach at best in the demo shop: ranking by the very law that drew the interactions."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datasets.demo_shop.market import Market
from datasets.demo_shop.tables import ORACLE_FILE, SHOP_FILE, index_of, item_name
from modules.errors import InputError

_HELD_OUT_SHARE = 0.1
_BATCH = 256
_SEED = 20_260_930


class Oracle:
    """Knows the probability of every choice in a demo shop.

    Args:
        shop: the folder of the shop, or its database.

    Raises:
        InputError: the folder holds no oracle.
    """

    def __init__(self, shop: Path) -> None:
        self.folder = shop if shop.is_dir() else shop.parent
        self.market = Market.load(self.folder / ORACLE_FILE)

    def scores(
        self,
        users: npt.NDArray[np.int64],
        times: npt.NDArray[np.int64],
        seen: Sequence[npt.NDArray[np.int64]],
    ) -> npt.NDArray[np.float32]:
        """[n, items] float32 in proportion to the probability that the user takes the item next.

        Args:
            users: [n] indices.
            times: [n] seconds; items released later have 0.
            seen: for each query the indices of the items already taken; they have 0.
        """
        scores = self.market.weights(self.market.liking(users), times)
        for row, items in zip(scores, seen, strict=True):
            row[items] = 0
        return scores

    def recommend(
        self, user_ids: Sequence[str], times: Sequence[int], seen_items: Sequence[Sequence[str]], k: int
    ) -> list[list[str]]:
        """The `k` likeliest next items of each query, best first, as ids; what nobody can beat on average."""
        users = np.array([index_of(user_id) for user_id in user_ids], np.int64)
        seen = [np.array([index_of(item_id) for item_id in items], np.int64) for items in seen_items]
        lists = []
        for start in range(0, len(users), _BATCH):
            part = slice(start, start + _BATCH)
            scores = self.scores(users[part], np.asarray(times[part], np.int64), seen[part])
            best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
            lists += [
                [item_name(item) for item in row if score[item] > 0] for row, score in zip(best, scores, strict=True)
            ]
        return lists


def best_achievable(shop: Path, max_queries: int = 2000) -> dict[str, float]:
    """Scores of the oracle, and of popularity, at foretelling the next item.

    Queries are interactions out of the last tenth by time. For each, all items released before it are ranked, less
    those that its user took earlier; the only relevant one is the item taken. Popularity counts the other nine
    tenths.

    Args:
        shop: the folder of a demo shop, or its database.
        max_queries: of more, so many are drawn at random, always the same ones.

    Returns:
        `ndcg_at_10` and `recall_at_100` of the oracle, the same with `popularity_` before it, and `queries`.

    Raises:
        InputError: there is no demo shop.
    """
    oracle = Oracle(shop)
    user, item, time = _read_interactions(oracle.folder)
    order = np.lexsort((time, user))
    user, item, time = user[order], item[order], time[order]

    cut = np.partition(time, int(len(time) * (1 - _HELD_OUT_SHARE)))[int(len(time) * (1 - _HELD_OUT_SHARE))]
    popularity = np.bincount(item[time < cut], minlength=len(oracle.market.released))
    queries = np.flatnonzero(time >= cut)
    if len(queries) > max_queries:
        queries = np.sort(np.random.default_rng(_SEED).choice(queries, max_queries, replace=False))

    first = np.searchsorted(user, user[queries])  # a user's rows begin here, and are in order of time
    ranks: dict[str, list[npt.NDArray[np.int64]]] = {"": [], "popularity_": []}
    for start in range(0, len(queries), _BATCH):
        batch, begin = queries[start : start + _BATCH], first[start : start + _BATCH]
        seen = [item[a:b] for a, b in zip(begin, batch, strict=True)]
        scores = oracle.scores(user[batch], time[batch], seen)
        ranks[""].append(_ranks(scores, item[batch]))
        # Ties of popularity are resolved by the order of items; one that cannot be recommended stays below all.
        counts = np.where(scores > 0, popularity + 1.0 - np.linspace(0, 0.5, len(popularity)), 0.0)
        ranks["popularity_"].append(_ranks(counts, item[batch]))
    results = {"queries": float(len(queries))}
    for name, parts in ranks.items():
        rank = np.concatenate(parts)
        results[f"{name}ndcg_at_10"] = float(np.mean(np.where(rank < 10, 1 / np.log2(rank + 2), 0)))
        results[f"{name}recall_at_100"] = float(np.mean(rank < 100))
    return results


def _ranks(
    scores: npt.NDArray[np.float32] | npt.NDArray[np.float64], wanted: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """How many items stand before the wanted one, for [n, items] scores and [n] items."""
    return np.sum(scores > scores[np.arange(len(wanted)), wanted][:, None], axis=1)


def _read_interactions(folder: Path) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Indices of users and of items, and times, of all interactions."""
    database, parquet = folder / SHOP_FILE, folder / "interactions.parquet"
    if database.exists():
        with contextlib.closing(sqlite3.connect(database.absolute().as_uri() + "?mode=ro", uri=True)) as connection:
            # SQLite cuts the letter off much faster than Python could.
            query = (
                "SELECT CAST(substr(user_id, 2) AS INT), CAST(substr(item_id, 2) AS INT), timestamp FROM interactions"
            )
            rows = connection.execute(query)
            blocks = []
            while block := rows.fetchmany(100_000):
                blocks.append(np.array(block, np.int64))
        columns = np.concatenate(blocks).T
        return columns[0], columns[1], columns[2]
    if parquet.exists():
        table = pq.read_table(parquet, columns=["user_id", "item_id", "timestamp"])
        user, item = (_indices(table[name]) for name in ("user_id", "item_id"))
        return user, item, table["timestamp"].to_numpy()
    raise InputError(f"folder {folder}", f"{SHOP_FILE} or interactions.parquet", "neither")


def _indices(ids: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Numbers in ids such as "u000012"."""
    return pc.utf8_slice_codeunits(ids, 1, 1_000).cast(pa.int64()).to_numpy()
