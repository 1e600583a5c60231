"""A model server for tests: TensorFlow Serving's interfaces, version policies and labels, in Python."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

from modules.serving.request_log import RequestLog
from tests.model_server.answers import Answers
from tests.model_server.grpc_api import grpc_server
from tests.model_server.model_versions import ModelVersions
from tests.model_server.rest_api import RestServer


def models_config(text: str) -> Any:
    """The ModelServerConfig of a file's text."""
    return text_format.Parse(text, model_server_config_pb2.ModelServerConfig())


def one_model(name: str, base_path: Path, log_prefix: Path | None = None) -> Any:
    """A ModelServerConfig: the newest version of one model, all requests logged if there is a prefix for the files."""
    config = model_server_config_pb2.ModelServerConfig()
    model = config.model_config_list.config.add(name=name, base_path=str(base_path), model_platform="tensorflow")
    if log_prefix is not None:
        model.logging_config.log_collector_config.filename_prefix = str(log_prefix)
        model.logging_config.sampling_config.sampling_rate = 1.0
    return config


class ModelServer:
    """Serves as long as its context is open.

    Attributes:
        rest_port, grpc_port: on 127.0.0.1.
    """

    def __init__(self, config: Any, poll_seconds: float = 0.1, rest_port: int = 0, grpc_port: int = 0) -> None:
        """Takes a ModelServerConfig and looks into its folders every so often."""
        self._models = {model.name: ModelVersions(model) for model in config.model_config_list.config}
        self._logs = {
            model.name: RequestLog(
                model.logging_config.log_collector_config.filename_prefix,
                model.logging_config.sampling_config.sampling_rate,
            )
            for model in config.model_config_list.config
            if model.HasField("logging_config")
        }
        self._answers = Answers(self._models, self._logs)
        self._poll_seconds, self._stopped = poll_seconds, threading.Event()
        self.look()
        self._rest = RestServer(self._answers, rest_port)
        self._grpc, self.grpc_port = grpc_server(self._answers, self.reload, grpc_port)
        self.rest_port = int(self._rest.server_address[1])
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._rest.serve_forever, self._poll)]

    @property
    def url(self) -> str:
        """Of the REST interface."""
        return f"http://127.0.0.1:{self.rest_port}"

    def __enter__(self) -> ModelServer:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._rest.shutdown()
        self._rest.server_close()
        self._grpc.stop(1).wait()
        for thread in self._threads:
            thread.join()
        for log in self._logs.values():
            log.close()
        for model in self._models.values():
            model.close()

    def model(self, name: str) -> ModelVersions:
        """One of the models."""
        return self._models[name]

    def look(self) -> None:
        """Looks for new versions now."""
        for model in self._models.values():
            model.look()

    def reload(self, config: Any) -> None:
        """Takes other policies and labels for the same models."""
        for model in config.model_config_list.config:
            self._answers.model(model.name).reconfigure(model)

    def _poll(self) -> None:
        while not self._stopped.wait(self._poll_seconds):
            self.look()
