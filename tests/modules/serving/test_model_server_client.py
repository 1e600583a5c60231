"""What a caller is told when there is no answer; tests/model_server asks a server that answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from modules.serving.model_server_client import ModelServerClient, ModelServerError, as_json


class _Page(BaseHTTPRequestHandler):
    """A web server that is something else."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def page() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with (
            ModelServerClient(url) as client,
            pytest.raises(ModelServerError, match=f"no model server at {url}") as error,
        ):
            client.predict("serving_default", {"user_id": ["ann"]})
    assert error.value.status is None


def test_somebody_else_there(page: str) -> None:
    with ModelServerClient(page) as client, pytest.raises(ModelServerError, match="not like a model server"):
        client.versions()


@pytest.mark.parametrize("url", ["localhost:8501", "", "ftp://localhost", "http://"])
def test_no_address(url: str) -> None:
    with pytest.raises(ModelServerError, match="no address of a model server"):
        ModelServerClient(url)


def test_bytes_in_json() -> None:
    assert as_json([["a", b"b"], [1, ("c", 2.5)]]) == [["a", {"b64": "Yg=="}], [1, ["c", 2.5]]]
