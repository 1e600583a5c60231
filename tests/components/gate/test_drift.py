"""Distances by TFDV against the schema's limits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
import tensorflow_data_validation as tfdv
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from components.gate.drift import measure_drift, read_schema, sets_limits

SCHEMA = """
feature { name: "device" type: BYTES drift_comparator { infinity_norm { threshold: 0.2 } }
                                     skew_comparator { infinity_norm { threshold: 0.1 } } }
feature { name: "price" type: FLOAT drift_comparator { jensen_shannon_divergence { threshold: 0.1 } } }
feature { name: "title" type: BYTES }
"""
NOW = ["phone"] * 60 + ["desk"] * 40


def schema(text: str = SCHEMA) -> schema_pb2.Schema:
    return text_format.Parse(text, schema_pb2.Schema())


def statistics(folder: Path, prices: Sequence[float] = range(100), **splits: Sequence[str]) -> Path:
    """As StatisticsGen leaves them."""
    for split, devices in splits.items():
        table = pd.DataFrame(
            {"device": devices, "price": [*map(float, prices)], "title": [f"t{n}" for n in range(100)]}
        )
        found = tfdv.generate_statistics_from_dataframe(table)
        target = folder / f"Split-{split}"
        target.mkdir(parents=True)
        (target / "FeatureStats.pb").write_bytes(found.SerializeToString())
    return folder


def test_by_hand(tmp_path: Path) -> None:
    now = statistics(tmp_path / "now", train=NOW, eval=["phone"] * 75 + ["desk"] * 25)
    before = statistics(tmp_path / "before", train=["phone"] * 95 + ["desk"] * 5)
    found = {(one.kind, one.column): one for one in measure_drift("interactions", schema(), now, before)}
    assert set(found) == {("drift", "device"), ("drift", "price"), ("skew", "device")}
    assert found["drift", "device"].value == pytest.approx(0.35) and found["drift", "device"].limit == 0.2
    assert found["skew", "device"].value == pytest.approx(0.15) and found["skew", "device"].limit == 0.1
    assert found["skew", "device"].split == "eval"
    assert found["drift", "price"].value == pytest.approx(0.0, abs=1e-6)


def test_the_catalogue_has_one_split(tmp_path: Path) -> None:
    now = statistics(tmp_path / "now", catalogue=NOW)
    before = statistics(tmp_path / "before", catalogue=["phone"] * 95 + ["desk"] * 5)
    found = {one.column: one for one in measure_drift("candidates", schema(), now, before)}
    assert found["device"].value == pytest.approx(0.35) and found["device"].split == "catalogue"
    assert not [one for one in found.values() if one.kind == "skew"]  # there are no rows after it


def test_numbers_that_moved(tmp_path: Path) -> None:
    now = statistics(tmp_path / "now", train=NOW)
    before = statistics(tmp_path / "before", prices=[1000 + n for n in range(100)], train=NOW)
    found = {one.column: one for one in measure_drift("interactions", schema(), now, before)}
    assert found["price"].value == pytest.approx(1.0, abs=0.01)  # nothing in common
    assert found["device"].value == 0.0


def test_without_a_published_version_nothing_has_drifted(tmp_path: Path) -> None:
    now = statistics(tmp_path / "now", train=NOW, eval=NOW)
    assert [one.kind for one in measure_drift("interactions", schema(), now, None)] == ["skew"]
    assert measure_drift("interactions", schema('feature { name: "device" type: BYTES }'), now, now) == []


def test_whether_there_are_limits() -> None:
    drift_only = schema(SCHEMA.replace("skew_comparator { infinity_norm { threshold: 0.1 } }", ""))
    assert [sets_limits(schema(), published) for published in (True, False)] == [True, True]
    assert [sets_limits(drift_only, published) for published in (True, False)] == [True, False]
    assert not sets_limits(schema('feature { name: "a" }'), True)


def test_statistics_that_are_gone(tmp_path: Path) -> None:
    now = statistics(tmp_path / "now", train=NOW)
    with pytest.raises(FileNotFoundError):
        measure_drift("interactions", schema(), now, tmp_path / "before")


def test_read_schema(tmp_path: Path) -> None:
    (tmp_path / "schema.pbtxt").write_text(SCHEMA)
    assert [feature.name for feature in read_schema(tmp_path).feature] == ["device", "price", "title"]
