"""The warm-up file."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from modules.serving.warmup import sample_requests, write_warmup


def test_holds_a_request_for_each_signature(tmp_path: Path) -> None:
    requests = sample_requests("ü".encode(), b"i1", b"\x01")
    path = write_warmup(tmp_path, requests)
    assert path == tmp_path / "assets.extra" / "tf_serving_warmup_requests"
    logs = [
        prediction_log_pb2.PredictionLog.FromString(one)
        for one in tf.data.TFRecordDataset(str(path)).as_numpy_iterator()
    ]
    sent = {log.predict_log.request.model_spec.signature_name: log.predict_log.request.inputs for log in logs}
    assert list(sent) == list(requests)
    assert tf.make_ndarray(sent["recommend"]["user_id"]).tolist() == ["ü".encode()]
    assert tf.make_ndarray(sent["recommend"]["history"]).tolist() == [[b"i1"]]
    assert tf.make_ndarray(sent["similar_items"]["k"]).shape == ()
    assert sent["similar_items"]["k"].dtype == tf.int32.as_datatype_enum
    assert tf.make_ndarray(sent["items_like"]["examples"]).tolist() == [b"\x01"]
