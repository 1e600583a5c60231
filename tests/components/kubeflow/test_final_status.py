"""The report of how a run ended, taken by real servers."""

from __future__ import annotations

import http.server
import json
import socketserver
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from components.kubeflow.final_status import main, report_of

FAILED = {
    "inputs": {
        "parameterValues": {
            "status": {
                "state": "FAILED",
                "pipelineJobResourceName": "recommender-x7",
                "pipelineTaskName": "run",
                "error": {"code": 9, "message": "The DAG failed: trainer-retrieval"},
            }
        }
    }
}
REPORT = {
    "state": "FAILED",
    "pipeline": "recommender-x7",
    "error": "The DAG failed: trainer-retrieval",
    "text": "recommender-x7: FAILED, The DAG failed: trainer-retrieval",
}


def test_what_is_said() -> None:
    assert report_of(FAILED) == REPORT
    assert report_of({"inputs": {"parameterValues": {"status": {"state": "SUCCEEDED"}}}})["text"] == "run: SUCCEEDED"


def test_by_default_it_is_only_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([json.dumps(FAILED)], {}) == 0
    assert json.loads(capsys.readouterr().out) == REPORT


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[Any], list[int]]]:
    """URL, what was posted to it, and the status that it answers with."""
    posted: list[Any] = []
    status = [200]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.append((self.headers["Content-Type"], json.loads(body)))
            self.send_response(status[0])
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/secret-path", posted, status
        server.shutdown()


def test_a_webhook(webhook: tuple[str, list[Any], list[int]]) -> None:
    url, posted, _ = webhook
    assert main([json.dumps(FAILED)], {"FINAL_STATUS_WEBHOOK": url}) == 0
    assert posted == [("application/json", REPORT)]


def test_a_webhook_that_refuses(webhook: tuple[str, list[Any], list[int]], capsys: pytest.CaptureFixture[str]) -> None:
    url, _, status = webhook
    status[0] = 403
    assert main([json.dumps(FAILED)], {"FINAL_STATUS_WEBHOOK": url}) == 2
    said = capsys.readouterr().err
    assert said == "error: FINAL_STATUS_WEBHOOK: expected an address that takes reports, received HTTP 403\n"


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({"FINAL_STATUS_WEBHOOK": "file:///etc/passwd"}, "expected a URL that begins with https://"),
        ({"FINAL_STATUS_WEBHOOK": "http://127.0.0.1:9/secret"}, "expected an address that can be reached"),
        ({"FINAL_STATUS_EMAIL": "a@b"}, "FINAL_STATUS_SMTP: expected smtp://host or smtps://host, received nothing"),
        (
            {"FINAL_STATUS_EMAIL": "a@b", "FINAL_STATUS_SMTP": "smtp://u:secret@127.0.0.1:9"},
            "FINAL_STATUS_SMTP: expected a server that takes messages",
        ),
    ],
)
def test_what_cannot_be_delivered(
    environment: dict[str, str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([json.dumps(FAILED)], environment) == 2
    said = capsys.readouterr().err
    assert complaint in said and "secret" not in said and said.count("\n") == 1


class _Mailbox(socketserver.StreamRequestHandler):
    """As much of SMTP as a client needs that has no password."""

    taken: list[str] = []

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        in_data = False
        for line in self.rfile:
            text = line.decode().rstrip("\r\n")
            if in_data and text == ".":
                in_data = False
                self.wfile.write(b"250 taken\r\n")
            elif in_data:
                self.taken.append(text)
            elif text.upper() == "DATA":
                in_data = True
                self.wfile.write(b"354 go on\r\n")
            elif text.upper() == "QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


def test_a_message() -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mailbox) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environment = {
            "FINAL_STATUS_EMAIL": "night@example.com",
            "FINAL_STATUS_SMTP": f"smtp://127.0.0.1:{server.server_address[1]}",
        }
        assert main([json.dumps(FAILED)], environment) == 0
        server.shutdown()
    text = "\n".join(_Mailbox.taken)
    assert "To: night@example.com" in text and '"state": "FAILED"' in text
