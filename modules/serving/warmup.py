"""Requests that TensorFlow Serving sends to a new model itself, so that the first caller does not wait."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_log_pb2


def sample_requests(
    user_id: bytes, item_id: bytes, example: bytes = b"", item_example: bytes | None = None
) -> dict[str, dict[str, Any]]:
    """One request for every signature: signature → input → array.

    Args:
        user_id, item_id: known or not.
        example: a serialised tf.Example of a query's raw columns; the empty one is valid.
        item_example: the same of an item's; None: `example`.
    """
    described = example if item_example is None else item_example
    one_user, one_item, one_example, one_description = (
        np.array([one], object) for one in (user_id, item_id, example, described)
    )
    k = np.int32(10)
    lists = {"user_id": one_user, "history": one_item[:, None], "exclude": np.array([[b""]], object), "k": k}
    return {
        "serving_default": {"user_id": one_user},
        "recommend": lists,
        "retrieval": lists,
        "similar_items": {"item_id": one_item, "k": k},
        "score": {"user_id": one_user, "item_id": one_item},
        "serve_examples": {"examples": one_example},
        "evaluate": {"examples": one_example, "k": k},
        "evaluate_retrieval": {"examples": one_example, "k": k},
        "items_like": {"examples": one_description, "k": k},
    }


def as_json_requests(requests: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same requests as `session_check` reads them: bytes in base64, arrays as lists."""
    return [
        {"signature": signature, "inputs": {name: _plain(np.asarray(value).tolist()) for name, value in inputs.items()}}
        for signature, inputs in requests.items()
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return {"b64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def write_warmup(model_dir: str | Path, requests: Mapping[str, Mapping[str, Any]]) -> Path:
    """Adds warm-up `requests` (signature → input → array) to a SavedModel.

    TensorFlow Serving replays the file `assets.extra/tf_serving_warmup_requests`, a TFRecord of PredictionLogs, and
    refuses the model if one fails; so requests must be for signatures that the model has.

    Returns:
        The file.
    """
    path = Path(model_dir) / "assets.extra" / "tf_serving_warmup_requests"
    path.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for signature, inputs in requests.items():
            request = predict_pb2.PredictRequest()
            request.model_spec.signature_name = signature
            for name, value in inputs.items():
                request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
            log = prediction_log_pb2.PredictionLog(predict_log=prediction_log_pb2.PredictLog(request=request))
            writer.write(log.SerializeToString())
    return path
