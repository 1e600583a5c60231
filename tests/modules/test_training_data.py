"""What the trainers read, against the rows it was made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from modules.catalogue import item_inputs, read_catalogue
from modules.errors import InputError
from modules.roles import HISTORY, WEIGHT
from modules.training_data import CANDIDATE_ROW, query_inputs, read_training_data
from modules.transform_graph import read_columns
from tests import gadgets
from tests.gadget_run import HISTORY_LENGTH, FnArgs, GadgetRun


def test_inputs_by_role(gadgets_run: GadgetRun) -> None:
    names = ["user_id", "history", "history_target", "time", "device", "age", "city", "blank"]
    assert query_inputs(gadgets_run.roles) == names
    expected = ["item_id", "title", "genres", "shelf", "price", "sizes", "cover", "nothing"]
    assert item_inputs(gadgets_run.roles) == expected


def test_the_catalogue_has_every_item(gadgets_run: GadgetRun) -> None:
    catalogue = gadgets_run.data.catalogue
    assert catalogue.ids.tolist() == [f"i{n:02}".encode() for n in range(gadgets.ITEMS)]
    assert {len(values) for values in catalogue.columns.values()} == {gadgets.ITEMS}
    assert catalogue.rows_of(np.array([b"i05", b"nothing", b"i00"], object)).tolist() == [5, -1, 0]
    assert set(catalogue.specs()) == set(item_inputs(gadgets_run.roles))


def test_interactions_point_into_the_catalogue(gadgets_run: GadgetRun) -> None:
    data = gadgets_run.data
    users = [name.decode() for name in data.graph.vocabulary("user_id")] + ["u28"]
    for split, columns in (("train", data.train), ("eval", data.eval)):
        found = sorted(
            (users[user], f"i{row:02}", float(stars), float(weight))
            for user, row, stars, weight in zip(
                columns["user_id"], columns[CANDIDATE_ROW], columns["stars"], columns[WEIGHT], strict=True
            )
        )
        expected = sorted(
            (row["user_id"], row["item_id"], row["stars"], float(row["stars"] >= gadgets.POSITIVE_MIN))
            for row in gadgets.of_split(split)
        )
        assert found == expected


def test_positives(gadgets_run: GadgetRun) -> None:
    data = gadgets_run.data
    liked = [row for row in gadgets.of_split("train") if row["stars"] >= gadgets.POSITIVE_MIN]
    assert len(data.positives(data.train)) == len(liked)
    assert (data.train["stars"][data.positives(data.train)] >= gadgets.POSITIVE_MIN).all()


def test_histories_as_rows_of_the_catalogue(gadgets_run: GadgetRun) -> None:
    data = gadgets_run.data
    users = [name.decode() for name in data.graph.vocabulary("user_id")]
    rows = np.arange(len(data.train["user_id"]))
    found = data.history_rows(data.train, rows)
    by_time = sorted(gadgets.interactions(), key=lambda row: row["time"])
    for user, item, history in zip(data.train["user_id"], data.train[CANDIDATE_ROW], found, strict=True):
        mine = [int(row["item_id"][1:]) for row in by_time if row["user_id"] == users[user]]
        past = mine[: mine.index(item)][-HISTORY_LENGTH:]
        assert history.tolist() == past + [-1] * (HISTORY_LENGTH - len(past))


def test_unknown_items_of_a_history_have_no_row(gadgets_run: GadgetRun) -> None:
    data = gadgets_run.data
    unknown = data.graph.vocabulary_size("item_id")
    columns = {HISTORY: np.array([[unknown, 0, -1]])}
    first = int(data.graph.vocabulary("item_id")[0][1:])
    assert data.history_rows(columns, np.array([0])).tolist() == [[-1, first, -1]]


def test_a_query_is_not_told_the_answer(gadgets_run: GadgetRun) -> None:
    specs = gadgets_run.data.query_specs()
    assert set(specs) == {"user_id", "history", "history_target", "time_features", "device", "age", "city", "blank"}
    assert specs[HISTORY].shape.as_list() == [None, None]


def test_columns_keep_the_order_of_the_files(gadgets_run: GadgetRun) -> None:
    folder = gadgets_run.split("candidates", "catalogue")
    columns = read_columns(folder, gadgets_run.graph, ["shelf"], raw_ids=["item_id"])
    vocabulary = [int(value) for value in gadgets_run.graph.vocabulary("shelf")]
    found = [None if index < 0 else vocabulary[index] for index in columns["shelf"]]
    assert found == [row["shelf"] for row in gadgets.items()]
    assert columns["raw:item_id"].tolist() == [row["item_id"].encode() for row in gadgets.items()]


def test_no_items(gadgets_run: GadgetRun, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least one item.*empty catalogue"):
        read_catalogue(str(tmp_path), gadgets_run.graph, gadgets_run.roles)


def test_nothing_positive(gadgets_run: GadgetRun, tmp_path: Path) -> None:
    disliked = []
    for record in gadgets_run.records("interactions", "train"):
        example = tf.train.Example.FromString(record)
        example.features.feature[WEIGHT].float_list.value[:] = [0.0]
        disliked.append(example.SerializeToString())
    with tf.io.TFRecordWriter(str(tmp_path / "x.gz"), "GZIP") as writer:
        for record in disliked:
            writer.write(record)
    arguments = gadgets_run.fn_args("", {})
    with pytest.raises(InputError, match="train split.*positive interactions"):
        read_training_data(FnArgs(**{**vars(arguments), "train_files": [f"{tmp_path}/*"]}))
