"""One version of a model, loaded by the Session loader that TensorFlow Serving is built on."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from tests.model_server.request_error import RequestError

Array = npt.NDArray[Any]


class LoadedVersion:
    """A SavedModel in a Session.

    Attributes:
        version: its number.
        signatures: name → SignatureDef.
    """

    def __init__(self, folder: Path) -> None:
        """Loads the model and answers its warm-up requests; raises what TensorFlow raises if that fails."""
        self.version = int(folder.name)
        self._session = tf.compat.v1.Session(graph=tf.Graph())
        self._idle, self._users = threading.Condition(), 0
        try:
            model = tf.compat.v1.saved_model.load(
                self._session, [tf.compat.v1.saved_model.tag_constants.SERVING], str(folder)
            )
            self.signatures: dict[str, Any] = dict(model.signature_def)
            self._warm_up(folder / "assets.extra" / "tf_serving_warmup_requests")
        except BaseException:
            self._session.close()
            raise

    def dtype(self, signature: str, name: str) -> tf.DType:
        """The type of an input."""
        return tf.as_dtype(self.signature(signature).inputs[name].dtype)

    def rank(self, signature: str, name: str) -> int:
        """The number of dimensions of an input."""
        return len(self.signature(signature).inputs[name].tensor_shape.dim)

    def signature(self, name: str) -> Any:
        """The SignatureDef of that name."""
        if name not in self.signatures:
            raise RequestError.invalid(f"Serving signature name: {name!r} not found in signature def")
        return self.signatures[name]

    def answer(self, signature: str, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """The outputs of a signature."""
        definition = self.signature(signature)
        if set(inputs) != set(definition.inputs):
            raise RequestError.invalid(f"inputs {sorted(inputs)} where {sorted(definition.inputs)} are expected")
        feeds = {definition.inputs[name].name: value for name, value in inputs.items()}
        fetches = {name: info.name for name, info in definition.outputs.items()}
        try:
            answered: dict[str, Array] = self._session.run(fetches, feeds)
        except tf.errors.OpError as error:
            raise RequestError.numbered(error.error_code, " ".join(error.message.split())) from error
        except (TypeError, ValueError) as error:  # the Session's own words about a shape that does not fit
            raise RequestError.invalid(str(error)) from error
        return answered

    def acquire(self) -> None:
        """Notes a request that uses this version."""
        with self._idle:
            self._users += 1

    def release(self) -> None:
        """Notes that it has its answer."""
        with self._idle:
            self._users -= 1
            self._idle.notify_all()

    def close(self) -> None:
        """Waits for the requests that use it, and unloads."""
        with self._idle:
            self._idle.wait_for(lambda: self._users == 0)
        self._session.close()

    def _warm_up(self, file: Path) -> None:
        if not file.is_file():
            return
        for record in tf.data.TFRecordDataset(str(file)).as_numpy_iterator():
            request = prediction_log_pb2.PredictionLog.FromString(record).predict_log.request
            inputs = {name: np.asarray(tf.make_ndarray(tensor)) for name, tensor in request.inputs.items()}
            self.answer(request.model_spec.signature_name, inputs)
