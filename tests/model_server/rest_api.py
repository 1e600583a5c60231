"""TensorFlow Serving's REST interface."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from google.protobuf import json_format
from tensorflow.core.protobuf import error_codes_pb2

from tests.model_server import rest_tensors
from tests.model_server.answers import Answers
from tests.model_server.model_versions import State
from tests.model_server.request_error import RequestError

_PATH = re.compile(
    r"/v1/models/(?P<name>[^/:]+)(?:/versions/(?P<version>\d+)|/labels/(?P<label>[^/:]+))?(?P<verb>/metadata|:predict|)$"
)


class RestServer(ThreadingHTTPServer):
    """Answers on 127.0.0.1."""

    daemon_threads, request_queue_size = True, 64

    def __init__(self, answers: Answers, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answers = answers

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing of callers who hang up."""


class _Handler(BaseHTTPRequestHandler):
    """A request, on a connection that stays open for the next."""

    protocol_version, disable_nagle_algorithm = "HTTP/1.1", True
    server: RestServer

    def do_GET(self) -> None:
        self._respond(self._status)

    def do_POST(self) -> None:
        self._respond(self._predict)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    def _respond(self, what: Any) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            status, answer = HTTPStatus.OK, what(body)
        except RequestError as error:
            status, answer = error.http_status, {"error": str(error)}
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _asked(self) -> tuple[str, int | None, str | None, str]:
        path = _PATH.match(self.path)
        if path is None:
            raise RequestError.missing(f"Malformed request: {self.command} {self.path}")
        return path["name"], int(path["version"]) if path["version"] else None, path["label"], path["verb"]

    def _status(self, _: bytes) -> Any:
        name, version, label, verb = self._asked()
        if verb == ":predict":
            raise RequestError.missing(f"Malformed request: GET {self.path}")
        answers = self.server.answers
        if verb == "/metadata":
            found = answers.metadata(name, version, label)
            return json_format.MessageToDict(found, preserving_proto_field_name=True)
        statuses = answers.status(name, version, label).model_version_status
        return {
            "model_version_status": [
                {
                    "version": str(status.version),
                    "state": State.Name(status.state),
                    "status": {
                        "error_code": error_codes_pb2.Code.Name(status.status.error_code),
                        "error_message": status.status.error_message,
                    },
                }
                for status in statuses
            ]
        }

    def _predict(self, body: bytes) -> Any:
        name, version, label, verb = self._asked()
        if verb != ":predict":
            raise RequestError.missing(f"Malformed request: POST {self.path}")
        try:
            parsed = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise RequestError.invalid(f"JSON Parse error: {error}") from error
        with self.server.answers.model(name).use(version, label) as model:
            signature, inputs, by_row = rest_tensors.inputs_of(parsed, model)
            outputs = self.server.answers.predicted(name, model, signature, inputs)
        return rest_tensors.outputs_of(outputs, by_row)
