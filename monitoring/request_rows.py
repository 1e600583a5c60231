"""What a PredictionLog says: who asked, with what, and what came back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from modules.roles import HISTORY, Roles

RECOMMENDING = ("serving_default", "recommend", "serve_examples")
"""The signatures whose answers are shown as recommendations."""


@dataclasses.dataclass(frozen=True)
class RequestRow:
    """One row of a request and of its answer.

    Attributes:
        signature: that was asked.
        version: that answered; 0 if the log does not say.
        time: seconds since the epoch; 0 if the log does not say.
        user: "" if the request names none.
        asked_items: the known or unknown items that the request names: a history, the item of `similar_items`.
        served: what a recommending signature answered, best first.
        example: a serialised tf.Example of what the request says of the user and the context.
        other_columns: in the request, but not among `columns`.
    """

    signature: str
    version: int
    time: int
    user: str
    asked_items: tuple[str, ...]
    served: tuple[str, ...]
    example: bytes
    other_columns: tuple[str, ...] = ()


def request_rows(record: bytes, roles: Roles, columns: frozenset[str]) -> list[RequestRow]:
    """The rows of a serialised PredictionLog; none of one that is not of Predict.

    Args:
        record: the log.
        roles: of the schema's columns.
        columns: that a query may have.
    """
    log = prediction_log_pb2.PredictionLog.FromString(record)
    if log.WhichOneof("log_type") != "predict_log":
        return []
    request, response = log.predict_log.request, log.predict_log.response
    signature = request.model_spec.signature_name or "serving_default"
    version = log.log_metadata.model_spec.version.value or response.model_spec.version.value
    inputs = {name: _texts(tensor) for name, tensor in request.inputs.items() if tensor.dtype == tf.string}
    queries = _described(inputs["examples"], roles, columns) if "examples" in inputs else _named(inputs, roles)
    if signature == "items_like":  # whose examples describe items
        queries = [_Query("", (), b"") for _ in queries]
    answers: Any = np.empty((len(queries), 0), object)
    if signature in RECOMMENDING and "item_id" in response.outputs:
        answers = _texts(response.outputs["item_id"])
    return [
        RequestRow(
            signature,
            version,
            log.log_metadata.timestamp_secs,
            query.user,
            query.items,
            tuple(item for item in map(_text, answer) if item),
            query.example,
            query.other_columns,
        )
        for query, answer in zip(queries, answers if len(answers) == len(queries) else [()] * len(queries), strict=True)
    ]


@dataclasses.dataclass(frozen=True)
class _Query:
    user: str
    items: tuple[str, ...]
    example: bytes
    other_columns: tuple[str, ...] = ()


def _named(inputs: Mapping[str, Any], roles: Roles) -> list[_Query]:
    """Of requests with ids as inputs of their own."""
    rows = max((len(values) for values in inputs.values()), default=0)
    users = inputs.get("user_id", np.full(rows, b"", object))
    histories = inputs.get("history", np.empty((rows, 0), object))
    items = inputs.get("item_id", np.empty(rows, object)[:, None][:, :0])
    found = []
    for row in range(rows):
        history = [one for one in histories[row] if one]
        named = [one for one in np.atleast_1d(items[row]) if one]
        known: dict[str, Iterable[bytes]] = {roles.user_id: [users[row]] if users[row] else [], HISTORY: history}
        found.append(_Query(_text(users[row]), tuple(map(_text, [*history, *named])), _example(known)))
    return found


def _described(examples: Iterable[bytes], roles: Roles, columns: frozenset[str]) -> list[_Query]:
    """Of requests with serialised tf.Examples."""
    found = []
    for one in examples:
        features = tf.train.Example.FromString(one).features.feature
        users = features[roles.user_id].bytes_list.value if roles.user_id in features else []
        history = features[HISTORY].bytes_list.value if HISTORY in features else []
        known = tf.train.Example()
        for name in columns & set(features):
            known.features.feature[name].CopyFrom(features[name])
        other = tuple(sorted(set(features) - columns))
        serialised = known.SerializeToString(deterministic=True)
        found.append(_Query(_text(users[0]) if users else "", tuple(map(_text, history)), serialised, other))
    return found


def _example(columns: Mapping[str, Iterable[bytes]]) -> bytes:
    example = tf.train.Example()
    for name, values in columns.items():
        example.features.feature[name].bytes_list.value.extend(values)
    serialised: bytes = example.SerializeToString(deterministic=True)
    return serialised


def _texts(tensor: Any) -> Any:
    return tf.make_ndarray(tensor)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
