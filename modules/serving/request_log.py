"""What was asked of a model server and answered, as TFRecord files of PredictionLogs: TensorFlow Serving's own form."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow_serving.apis import logging_pb2, predict_pb2, prediction_log_pb2

_OPEN = ".open"


class RequestLog:
    """Appends to files `<prefix>-<seconds>-<random>.tfrecord`, which have another name as long as they grow.

    May be used by many threads at once.
    """

    def __init__(
        self, prefix: str | Path, sampling_rate: float = 1.0, most_records: int = 1000, most_seconds: float = 60.0
    ) -> None:
        """Begins no file yet.

        Args:
            prefix: path of the files up to the dash; its folder is made.
            sampling_rate: share of the requests that are kept, 0 to 1.
            most_records, most_seconds: after which a file is closed and, with the next request, another one begun.
        """
        self._prefix, self._rate = Path(prefix), sampling_rate
        self._most_records, self._most_seconds = most_records, most_seconds
        self._lock = threading.Lock()
        self._writer: tf.io.TFRecordWriter | None = None
        self._file, self._records, self._began = Path(), 0, 0.0

    def add(self, request: predict_pb2.PredictRequest, response: predict_pb2.PredictResponse) -> None:
        """Keeps a request and its answer, or, by chance, does not.

        The log's metadata say when (`timestamp_secs`), and which version and signature answered (`model_spec`).
        """
        if random.random() >= self._rate:
            return
        metadata = logging_pb2.LogMetadata(model_spec=response.model_spec, timestamp_secs=int(time.time()))
        metadata.sampling_config.sampling_rate = self._rate
        log = prediction_log_pb2.PredictLog(request=request, response=response)
        record = prediction_log_pb2.PredictionLog(log_metadata=metadata, predict_log=log).SerializeToString()
        with self._lock:
            if self._writer and time.monotonic() - self._began > self._most_seconds:
                self._finish()
            if not self._writer:
                self._begin()
            assert self._writer is not None
            self._writer.write(record)
            self._records += 1
            if self._records >= self._most_records:
                self._finish()

    def close(self) -> None:
        """Closes the file that is open."""
        with self._lock:
            self._finish()

    def _begin(self) -> None:
        self._prefix.parent.mkdir(parents=True, exist_ok=True)
        name = f"{self._prefix.name}-{int(time.time())}-{uuid.uuid4().hex[:8]}.tfrecord"
        self._file, self._records, self._began = self._prefix.with_name(name), 0, time.monotonic()
        self._writer = tf.io.TFRecordWriter(f"{self._file}{_OPEN}")

    def _finish(self) -> None:
        if self._writer:
            self._writer.close()
            Path(f"{self._file}{_OPEN}").rename(self._file)
            self._writer = None


def read_request_log(folder: str | Path) -> Iterator[Any]:
    """The PredictionLogs of the closed files in a folder, file by file in the order of their names."""
    for file in sorted(Path(folder).glob("*.tfrecord")):
        for record in tf.data.TFRecordDataset(str(file)).as_numpy_iterator():
            yield prediction_log_pb2.PredictionLog.FromString(record)
