"""Statistics of columns, against TFDV's messages."""

from __future__ import annotations

from pathlib import Path

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import statistics_pb2

from components.dashboards.data_page import render_data_page
from components.dashboards.shift import shifts
from components.dashboards.statistics import Bucket, ColumnStatistics, Texts, read_statistics, shown_values
from tests.components.dashboards.conftest import write


def test_a_table(statistics_folder: Path) -> None:
    table = read_statistics("interactions", statistics_folder)
    assert (table.name, table.rows) == ("interactions", {"train": 4, "test": 2})  # in this order
    assert list(table.columns) == ["age", "device"]
    assert list(table.columns["age"]) == ["train", "test"]


def test_numbers(statistics_folder: Path) -> None:
    age = read_statistics("interactions", statistics_folder).columns["age"]["train"]
    assert (age.kind, age.values, age.longest, age.texts) == ("int", 3, 1, None)
    assert age.missing == 1  # TFDV takes an empty cell for present
    assert age.numbers is not None
    assert (age.numbers.mean, age.numbers.std, age.numbers.zeros) == (2.0, 0.5, 1)
    assert (age.numbers.minimum, age.numbers.median, age.numbers.maximum) == (0.0, 2.0, 4.0)
    assert age.numbers.histogram == [Bucket(0, 2, 1), Bucket(2, 4, 2)]  # not the quantiles


def test_texts(statistics_folder: Path) -> None:
    device = read_statistics("interactions", statistics_folder).columns["device"]
    train, test = device["train"], device["test"]
    assert (train.kind, train.missing, train.values, train.longest) == ("text", 1, 4, 2)
    assert train.texts is not None
    assert (train.texts.unique, train.texts.mean_length, train.texts.top) == (2, 4.5, ["phone", "desk"])
    assert train.texts.ranks == [Bucket(0, 0, 3), Bucket(1, 1, 1)]
    assert (train.share("phone"), test.share("phone"), test.share("desk")) == (0.75, 0.5, 0.0)
    assert shown_values(device) == ["phone", "desk", "<b>toaster</b>"]


def test_what_was_not_counted_is_unknown() -> None:
    column = ColumnStatistics("text", 0, 100, 1, texts=Texts(30, 3.0, ["a"], {"a": 50.0}, []))
    assert (column.share("a"), column.share("b")) == (0.5, None)
    assert ColumnStatistics("int", 0, 100, 1).share("a") is None


def test_an_empty_split_and_infinite_values(tmp_path: Path) -> None:
    infinite = """
    datasets { num_examples: 2 features { type: FLOAT path { step: "x" } num_stats {
      common_stats { num_non_missing: 2 max_num_values: 1 tot_num_values: 2 } std_dev: nan mean: inf max: inf
      histograms { type: STANDARD buckets { low_value: 0 high_value: 1 sample_count: 1 }
                   buckets { low_value: 1 high_value: inf sample_count: 1 } } } } }
    """
    for split, text in (("train", infinite), ("test", infinite), ("eval", "")):
        message = text_format.Parse(text, statistics_pb2.DatasetFeatureStatisticsList())
        write(tmp_path / f"Split-{split}" / "FeatureStats.pb", message)
    table = read_statistics("interactions", tmp_path)
    assert table.rows == {"train": 2, "eval": 0, "test": 2}
    numbers = table.columns["x"]["train"].numbers
    assert numbers is not None and numbers.histogram == [Bucket(0, 1, 1)]
    assert shifts(table) == []
    assert "inf" in render_data_page("r", [table], [], [])


def test_id_like() -> None:
    def column(unique: int, values: int) -> ColumnStatistics:
        return ColumnStatistics("text", 0, values, 1, texts=Texts(unique, 3.0, [], {}, []))

    assert column(51, 100).id_like
    assert not column(50, 100).id_like
    assert not column(10, 10).id_like  # few enough to be shown
    assert not ColumnStatistics("int", 0, 100, 1).id_like
