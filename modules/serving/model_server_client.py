"""Asks a model server over TensorFlow Serving's REST interface (https://www.tensorflow.org/tfx/serving/api_rest)."""

from __future__ import annotations

import base64
import http.client
import json
import urllib.parse
from collections.abc import Mapping
from types import TracebackType
from typing import Any

_UNREACHABLE = (OSError, http.client.HTTPException)


class ModelServerError(Exception):
    """There is no answer.

    Attributes:
        status: of HTTP; None where the server could not be reached at all.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class ModelServerClient:
    """One connection to one model; not for several threads at once.

    Args:
        url: of the server, such as `http://localhost:8501`.
        model: its name.
        version, label: of the model to ask; by default the one that the server takes, which is its newest.
        timeout: seconds that an answer may take.
    """

    def __init__(
        self,
        url: str,
        model: str = "recommender",
        version: int | None = None,
        label: str | None = None,
        timeout: float = 10.0,
    ) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ModelServerError(f"{url!r} is no address of a model server; expected http://HOST:PORT")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=timeout)
        self._url = url
        self._path = f"{parts.path.rstrip('/')}/v1/models/{urllib.parse.quote(model, safe='')}"
        which = f"/versions/{version}" if version is not None else f"/labels/{label}" if label is not None else ""
        self._asked = self._path + which

    def __enter__(self) -> ModelServerClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hangs up."""
        self._connection.close()

    def predict(self, signature: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Asks a signature.

        Args:
            signature: its name.
            inputs: by name, nested lists of text, bytes and numbers.

        Returns:
            by name, nested lists of text and numbers.

        Raises:
            ModelServerError: the server is not there, or refuses; in its words.
        """
        body = {"signature_name": signature, "inputs": {name: as_json(value) for name, value in inputs.items()}}
        outputs = self._request("POST", f"{self._asked}:predict", json.dumps(body).encode())["outputs"]
        # Of a signature with one output, TensorFlow Serving leaves out its name; here that is `score`.
        return outputs if isinstance(outputs, dict) else {"score": outputs}

    def versions(self) -> dict[int, str]:
        """The model's versions and their states, such as "AVAILABLE".

        Raises:
            ModelServerError: the server is not there, or does not know the model.
        """
        found = self._request("GET", self._path)["model_version_status"]
        return {int(status["version"]): status["state"] for status in found}

    def _request(self, method: str, path: str, body: bytes | None = None) -> Any:
        try:
            status, text = self._exchange(method, path, body)
        except _UNREACHABLE as error:
            self._connection.close()
            raise ModelServerError(f"no model server at {self._url}: {error or type(error).__name__}") from error
        try:
            answer = json.loads(text)
        except ValueError as error:
            raise ModelServerError(f"{self._url} answers, but not like a model server", status) from error
        if status != http.client.OK:
            raise ModelServerError(str(answer.get("error", answer)), status)
        return answer

    def _exchange(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        except (ConnectionError, http.client.RemoteDisconnected):  # an idle connection that the server has closed
            self._connection.close()
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        return response.status, response.read()


def as_json(value: Any) -> Any:
    """The JSON form of an input: bytes become {"b64": …}."""
    if isinstance(value, list | tuple):
        return [as_json(one) for one in value]
    return {"b64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
