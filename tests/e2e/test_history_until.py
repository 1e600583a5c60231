"""How far the built-in histories reach: `[serving] history_until`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tensorflow as tf

from tests.e2e.conftest import Finished, RunShop
from tests.e2e.recommender import answers, assert_same, example

Past = dict[str, list[dict[str, Any]]]


def past(rows: Iterator[dict[str, Any]], user: str) -> Past:
    """Rows by user."""
    found: Past = {}
    for row in rows:
        found.setdefault(str(row[user]), []).append(row)
    return found


def items_of_split(run: Finished, split: str, user: str, item: str) -> set[tuple[str, str]]:
    """(user, item) of the interactions that the pipeline put into a split."""
    files = sorted(map(str, Path(run.artifact("TableExampleGen", "interactions")).glob(f"Split-{split}/*.gz")))
    spec = {name: tf.io.FixedLenFeature([], tf.string) for name in (user, item)}
    found = set()
    for record in tf.data.TFRecordDataset(files, compression_type="GZIP"):
        row = tf.io.parse_single_example(record, spec)
        found.add((row[user].numpy().decode(), row[item].numpy().decode()))
    return found


def test_all_reaches_the_newest_interaction(run_shop: RunShop) -> None:
    run = run_shop("sqlite")
    recommender = run.recommender()
    rows = past(iter(sorted(run.shop.interactions, key=lambda row: row["at"])), "customer")
    catalogue = {str(row["sku"]) for row in run.shop.items}
    for user, taken in rows.items():
        assert set(recommender.recommend_ids(user, 99)) == catalogue - {str(row["sku"]) for row in taken}
    # The same history in the request, with what it was rated, tells the towers the same.
    asked = [
        example(
            customer=user,
            history=[str(row["sku"]) for row in taken],
            history_target=[row["stars"] for row in taken],
        )
        for user, taken in rows.items()
    ]
    served = answers(recommender.ask("serve_examples", examples=asked))
    assert_same(served, [recommender.recommend(user, 10) for user in rows])


def test_eval_leaves_test_out(run_shop: RunShop) -> None:
    run = run_shop("parquet")
    recommender = run.recommender()
    until_eval = [row for row in run.shop.interactions if row["part"] != "test" and row["action"] != "shown"]
    rows = past(iter(sorted(until_eval, key=lambda row: row["when"])), "who")
    catalogue = {row["what"] for row in run.shop.items}
    later = 0
    for user, taken in rows.items():
        known = [row["what"] for row in taken]
        answer = recommender.recommend(user, 99)
        assert {item for item, _ in answer} == catalogue - set(known)
        assert_same([recommender.recommend(user, 99, history=known)], [answer])
        assert recommender.recommend(user, 99, history=known[:1]) != answer
        held_out = {row["what"] for row in run.shop.interactions if row["who"] == user and row["part"] == "test"}
        later += len(held_out - set(known))
    assert later  # somebody's test items were there to be found


def test_train_leaves_eval_and_test_out(run_shop: RunShop) -> None:
    run = run_shop("csv")
    recommender = run.recommender()
    train, held_out = (items_of_split(run, split, "reader", "book") for split in ("train", "eval"))
    assert held_out - train
    catalogue = {row["book"] for row in run.shop.items}
    for user in sorted({user for user, _ in train}):
        known = {item for who, item in train if who == user}
        assert set(recommender.recommend_ids(user, 99)) == catalogue - known
