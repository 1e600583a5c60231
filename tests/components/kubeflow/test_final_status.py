"""The report of how a run ended, taken by real servers."""

from __future__ import annotations

import dataclasses
import http.server
import json
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.kubeflow.final_status import main, report_of
from components.report.folder import write_report
from components.report.run import Refusal, Run
from components.report.scorecard import Scorecard

FAILED: dict[str, Any] = {
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
    "verdict": "failed",
    "refused": [],
    "report": "",
    "text": "recommender-x7: FAILED, The DAG failed: trainer-retrieval",
}


def test_what_is_said_of_a_failure() -> None:
    assert report_of(FAILED["inputs"]["parameterValues"]["status"]) == REPORT
    several = report_of({"state": "FAILED", "error": {"message": "one\ntwo"}})  # a subject of a message has one line
    assert several["text"] == "run: FAILED, one two"


def ended(serving: Path | str, run: str) -> str:
    """What the launcher hands over after a run whose tasks all ended well."""
    status = {"state": "SUCCEEDED", "pipelineJobResourceName": "recommender-x7"}
    return json.dumps({"inputs": {"parameterValues": {"status": status, "serving": str(serving), "run": run}}})


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_whether_it_was_pushed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused = Run("r1", "2024-05-06T07:08:09+00:00", "refused", refused=[Refusal("above_popularity", "low", 0.5, 1.0)])
    write_report(tmp_path / "reports", Scorecard(refused))
    write_report(tmp_path / "reports", Scorecard(dataclasses.replace(refused, id="r2", verdict="pushed", refused=[])))
    assert main([ended(tmp_path, "r1")], {}) == 0
    report = said(capsys)
    assert (report["state"], report["verdict"]) == ("SUCCEEDED", "refused")
    (rule,) = report["refused"]
    assert rule.startswith("above_popularity: 0.5000 against a limit of 1.0000")
    assert report["text"] == "recommender-x7: SUCCEEDED. Not pushed: refused by above_popularity"
    assert report["report"] == f"file://{tmp_path}/reports/r1/index.html"
    assert main([ended(tmp_path, "r2")], {}) == 0
    report = said(capsys)
    assert (report["verdict"], report["refused"]) == ("pushed", [])


def test_a_report_that_is_not_there_keeps_nothing_off(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for serving, problem in (
        (str(tmp_path), "no report"),
        ("nonsense://x", "nonsense://x: expected a folder, or a URL that fsspec has a file system for, received"),
    ):
        assert main([ended(serving, "r1")], {}) == 0
        report = said(capsys)
        assert (report["verdict"], report["report"]) == ("unknown", "")
        assert f"SUCCEEDED. Whether anything was pushed is not known: {problem}" in report["text"]


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
