"""Anomalies in words, from what TFDV itself finds."""

import pandas as pd
import pytest
import tensorflow_data_validation as tfdv
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2

from components.validation_gate.anomalies import Finding, describe_anomalies, find_anomalies, refusal

SCHEMA = """
feature { name: "rating" type: FLOAT presence { min_fraction: 1 min_count: 1 } float_domain { min: 0.5 max: 5 }
          shape { dim { size: 1 } } }
feature { name: "device" type: BYTES domain: "device" presence { min_count: 1 } }
string_domain { name: "device" value: "phone" value: "desk" }
"""


def describe(frame: pd.DataFrame, schema: str = SCHEMA) -> list[str]:
    statistics = tfdv.generate_statistics_from_dataframe(frame)
    anomalies = tfdv.validate_statistics(statistics, text_format.Parse(schema, schema_pb2.Schema()))
    return describe_anomalies(anomalies, statistics, "interactions", "train")


def test_clean_data() -> None:
    assert describe(pd.DataFrame({"rating": [0.5, 5.0], "device": ["phone", "desk"]})) == []


def test_numbers_out_of_range() -> None:
    (line,) = describe(pd.DataFrame({"rating": [0.5, 7.0], "device": ["phone", "desk"]}))
    assert line.startswith("table interactions, column rating, split train: Out-of-range values (")
    assert line.endswith(" – values from 0.5 to 7")


def test_unknown_strings_and_missing_values() -> None:
    frame = pd.DataFrame({"rating": [1.0, None, 2.0], "device": ["phone", "phone", "toaster"]})
    device, rating = describe(frame)
    assert device.startswith("table interactions, column device, split train: Unexpected string values (")
    assert "toaster" in device
    assert device.endswith("– values such as 'phone', 'toaster'")
    assert rating.startswith("table interactions, column rating, split train: ")
    assert rating.endswith("– values from 1 to 2, none in 1 of 3 rows")


def test_missing_and_new_columns() -> None:
    new, missing = describe(pd.DataFrame({"rating": [1.0], "colour": ["red"]}))
    assert "column colour, split train: New column" in new
    assert new.endswith("values such as 'red'")
    assert missing.startswith("table interactions, column device, split train: Column dropped")
    assert " – " not in missing


def test_number_of_examples() -> None:
    schema = f"{SCHEMA} dataset_constraints {{ min_examples_count: 5 }}"
    (line,) = describe(pd.DataFrame({"rating": [1.0], "device": ["desk"]}), schema)
    assert line.startswith("table interactions, split train: ")
    assert "examples" in line


def test_no_data() -> None:
    nothing = anomalies_pb2.Anomalies(data_missing=True)
    findings = find_anomalies(nothing, statistics_pb2.DatasetFeatureStatisticsList(), "items", "catalogue")
    assert findings == [Finding("table items, split catalogue", "no examples", "")]


@pytest.mark.parametrize(
    ("findings", "line"),
    [
        (
            [Finding("table t, column c, split s", "Out-of-range values", "values from 0 to 7")],
            "table t, column c, split s: expected values that fit the schema, not Out-of-range values, "
            "received values from 0 to 7",
        ),
        (
            [Finding("table t, split s", "no examples", ""), Finding("a", "", ""), Finding("b", "", "")],
            "table t, split s (and 2 more: a; b): expected values that fit the schema, received no examples",
        ),
    ],
)
def test_refusal(findings: list[Finding], line: str) -> None:
    assert str(refusal(findings)) == line
