"""TensorFlow Serving's gRPC interface."""

from __future__ import annotations

from collections.abc import Callable
from concurrent import futures
from typing import Any

import grpc
from tensorflow_serving.apis import (
    model_management_pb2,
    model_service_pb2_grpc,
    prediction_service_pb2_grpc,
)

from tests.model_server.answers import Answers, which_of
from tests.model_server.request_error import RequestError

_ANY_SIZE = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


def grpc_server(answers: Answers, reload_config: Callable[[Any], None], port: int = 0) -> tuple[grpc.Server, int]:
    """A started server and its port.

    Args:
        answers: of the models.
        reload_config: takes a ModelServerConfig.
        port: 0 for any that is free.
    """
    server = grpc.server(futures.ThreadPoolExecutor(8), options=_ANY_SIZE)
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(_Predictions(answers), server)
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(_Models(answers, reload_config), server)
    port = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    return server, port


def _or_abort(context: grpc.ServicerContext, what: Callable[[], Any]) -> Any:
    try:
        return what()
    except RequestError as error:
        context.abort(error.code, str(error))


class _Predictions(prediction_service_pb2_grpc.PredictionServiceServicer):
    """PredictionService."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def Predict(self, request: Any, context: grpc.ServicerContext) -> Any:
        return _or_abort(context, lambda: self._answers.predict(request))

    def GetModelMetadata(self, request: Any, context: grpc.ServicerContext) -> Any:
        spec = request.model_spec
        return _or_abort(context, lambda: self._answers.metadata(spec.name, *which_of(spec)))


class _Models(model_service_pb2_grpc.ModelServiceServicer):
    """ModelService."""

    def __init__(self, answers: Answers, reload_config: Callable[[Any], None]) -> None:
        self._answers, self._reload_config = answers, reload_config

    def GetModelStatus(self, request: Any, context: grpc.ServicerContext) -> Any:
        spec = request.model_spec
        return _or_abort(context, lambda: self._answers.status(spec.name, *which_of(spec)))

    def HandleReloadConfigRequest(self, request: Any, context: grpc.ServicerContext) -> Any:
        _or_abort(context, lambda: self._reload_config(request.config))
        return model_management_pb2.ReloadConfigResponse()
