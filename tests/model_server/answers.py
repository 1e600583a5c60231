"""What both interfaces answer, in TensorFlow Serving's messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf
from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2, predict_pb2

from modules.serving.request_log import RequestLog
from tests.model_server.loaded_version import Array, LoadedVersion
from tests.model_server.model_versions import ModelVersions
from tests.model_server.request_error import RequestError


class Answers:
    """The models of a server."""

    def __init__(self, models: Mapping[str, ModelVersions], logs: Mapping[str, RequestLog]) -> None:
        """Args are the models, and the logs of those whose requests are logged, by the models' names."""
        self._models, self._logs = dict(models), dict(logs)

    def model(self, name: str) -> ModelVersions:
        """The model of that name."""
        if name not in self._models:
            raise RequestError.missing(f"Servable not found for request: {name}")
        return self._models[name]

    def predicted(
        self, name: str, model: LoadedVersion, signature: str, inputs: Mapping[str, Array]
    ) -> dict[str, Array]:
        """The outputs of a signature; the request is logged with its answer."""
        outputs = model.answer(signature, inputs)
        if name in self._logs:
            self._logs[name].add(*_messages(name, model.version, signature, inputs, outputs))
        return outputs

    def predict(self, request: Any) -> Any:
        """PredictRequest → PredictResponse."""
        spec = request.model_spec
        signature = spec.signature_name or "serving_default"
        with self.model(spec.name).use(*which_of(spec)) as model:
            outputs = self.predicted(spec.name, model, signature, _arrays(request, model, signature))
        unknown = set(request.output_filter) - set(outputs)
        if unknown:
            raise RequestError.invalid(f"output tensor alias not found in signature: {sorted(unknown)[0]}")
        chosen = {
            key: value for key, value in outputs.items() if not request.output_filter or key in request.output_filter
        }
        return _response(spec.name, model.version, signature, chosen)

    def metadata(self, name: str, version: int | None, label: str | None) -> Any:
        """GetModelMetadataResponse with the signatures."""
        with self.model(name).use(version, label) as model:
            response = get_model_metadata_pb2.GetModelMetadataResponse()
            response.model_spec.name = name
            response.model_spec.version.value = model.version
            signatures = get_model_metadata_pb2.SignatureDefMap(signature_def=model.signatures)
            response.metadata["signature_def"].Pack(signatures)
        return response

    def status(self, name: str, version: int | None, label: str | None) -> Any:
        """GetModelStatusResponse: of one version or label, or of all."""
        model = self.model(name)
        if label is not None:
            with model.use(None, label) as labelled:
                version = labelled.version
        states = model.states()
        if version is not None and version not in states:
            raise RequestError.missing(f"Could not find version {version} of model {name}")
        response = get_model_status_pb2.GetModelStatusResponse()
        for number in sorted(states, reverse=True) if version is None else [version]:
            state, problem = states[number]
            status = response.model_version_status.add(version=number, state=state)
            status.status.error_code = 2 if problem else 0
            status.status.error_message = problem
        return response


def which_of(spec: Any) -> tuple[int | None, str | None]:
    """The version or label that a ModelSpec names."""
    return (spec.version.value if spec.HasField("version") else None), (spec.version_label or None)


def _arrays(request: Any, model: LoadedVersion, signature: str) -> dict[str, Array]:
    """The inputs of a PredictRequest."""
    arrays = {}
    known = model.signature(signature).inputs
    for name, tensor in request.inputs.items():
        if name not in known:
            raise RequestError.invalid(f"input tensor alias not found in signature: {name}")
        expected = model.dtype(signature, name)
        if tensor.dtype != expected.as_datatype_enum:
            raise RequestError.invalid(f"input {name}: expects {expected.name}, not {_type_name(tensor.dtype)}")
        try:
            arrays[name] = tf.make_ndarray(tensor)
        except (TypeError, ValueError, OverflowError, MemoryError) as error:
            raise RequestError.invalid(f"input {name}: tensor parsing error: {error}") from error
    return arrays


def _type_name(number: int) -> str:
    try:
        return str(tf.as_dtype(number).name)
    except (TypeError, KeyError):
        return f"type {number}"


def _response(name: str, version: int, signature: str, outputs: Mapping[str, Array]) -> Any:
    response = predict_pb2.PredictResponse()
    response.model_spec.name, response.model_spec.signature_name = name, signature
    response.model_spec.version.value = version
    for key, value in outputs.items():
        response.outputs[key].CopyFrom(tf.make_tensor_proto(value))
    return response


def _messages(
    name: str, version: int, signature: str, inputs: Mapping[str, Array], outputs: Mapping[str, Array]
) -> tuple[Any, Any]:
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = name, signature
    for key, value in inputs.items():
        request.inputs[key].CopyFrom(tf.make_tensor_proto(value))
    return request, _response(name, version, signature, outputs)
