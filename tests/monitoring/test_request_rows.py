"""Every form of a request is read."""

from __future__ import annotations

import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from modules.roles import parse_roles
from monitoring.request_rows import RequestRow, request_rows
from tests.monitoring.watched_shop import SCHEMA, VERSION, Row, example, prediction_log

ROLES = parse_roles(SCHEMA)
COLUMNS = frozenset({"user_id", "time", "device", "age", "history"})


def rows(signature: str, inputs: Row, outputs: Row | None = None) -> list[RequestRow]:
    return request_rows(prediction_log(signature, 5, inputs, outputs or {}).SerializeToString(), ROLES, COLUMNS)


def known(row: RequestRow) -> Row:
    features = tf.train.Example.FromString(row.example).features.feature
    return {name: list(getattr(value, value.WhichOneof("kind")).value) for name, value in features.items()}


def test_requests_that_name_their_inputs() -> None:
    inputs = {"user_id": ["ann", ""], "history": [["a", ""], ["", ""]], "exclude": [["x"], ["y"]], "k": 2}
    first, second = rows("recommend", inputs, {"item_id": [["b", "c"], ["d", ""]], "score": [[1.0, 0.5], [1.0, 0.0]]})
    assert (first.signature, first.version, first.time) == ("recommend", VERSION, 5)
    assert (first.user, first.asked_items, first.served) == ("ann", ("a",), ("b", "c"))
    assert (second.user, second.asked_items, second.served) == ("", (), ("d",))
    assert known(first) == {"user_id": [b"ann"], "history": [b"a"]}
    assert known(second) == {"user_id": [], "history": []}


def test_requests_with_examples() -> None:
    asked = [
        example({"user_id": "ann", "history": ["a", "b"], "device": "phone", "age": 30}),
        example({"age": 31, "divice": "phone"}),
    ]
    first, second = rows("serve_examples", {"examples": asked}, {"item_id": [["c"], ["d"]]})
    assert (first.user, first.asked_items, first.served, first.other_columns) == ("ann", ("a", "b"), ("c",), ())
    assert (second.user, second.asked_items, second.served, second.other_columns) == ("", (), ("d",), ("divice",))
    assert known(first) == {"user_id": [b"ann"], "history": [b"a", b"b"], "device": [b"phone"], "age": [30]}
    assert known(second) == {"age": [31]}


def test_signatures_that_recommend_nothing_name_items() -> None:
    (row,) = rows("similar_items", {"item_id": ["a"], "k": 1}, {"item_id": [["b"]]})
    assert (row.user, row.asked_items, row.served) == ("", ("a",), ())
    pairs = rows("score", {"user_id": ["ann", "bob"], "item_id": ["a", "b"]}, {"score": [1.0, 2.0]})
    assert [(row.user, row.asked_items, row.served) for row in pairs] == [("ann", ("a",), ()), ("bob", ("b",), ())]
    (described,) = rows("items_like", {"examples": [example({"kind": "tea"})], "k": 1}, {"item_id": [["b"]]})
    assert (described.example, described.other_columns, described.served) == (b"", (), ())


def test_the_default_signature_and_what_the_log_leaves_out() -> None:
    log = prediction_log("", 0, {"user_id": ["ann"]}, {"item_id": [["a"]]})
    log.ClearField("log_metadata")
    (row,) = request_rows(log.SerializeToString(), ROLES, COLUMNS)
    assert (row.signature, row.version, row.time, row.served) == ("serving_default", 0, 0, ("a",))
    log.predict_log.response.model_spec.version.value = 9
    assert request_rows(log.SerializeToString(), ROLES, COLUMNS)[0].version == 9
    log.predict_log.ClearField("response")  # a failed or unlogged answer
    assert request_rows(log.SerializeToString(), ROLES, COLUMNS)[0].served == ()


def test_bytes_that_are_no_text_and_logs_of_other_kinds() -> None:
    (row,) = rows("serving_default", {"user_id": [b"\xff"]}, {"item_id": [["a"]]})
    assert row.user == "\ufffd"
    other = prediction_log_pb2.PredictionLog()
    other.classify_log.SetInParent()
    assert request_rows(other.SerializeToString(), ROLES, COLUMNS) == []
