"""The reports over HTTP, and the command that opens or serves them."""

from __future__ import annotations

import dataclasses
import functools
import http.client
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.publishing.reports import PublishedReports
from components.report.__main__ import main
from components.report.folder import write_report
from components.report.scorecard import Scorecard
from components.report.server import ReportServer

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def root(full: Scorecard, refused: Scorecard, tmp_path: Path) -> Path:
    for scorecard in (full, refused):
        write_report(tmp_path / "reports", scorecard)
    return tmp_path


@pytest.fixture
def server(root: Path) -> Iterator[ReportServer]:
    (root / "reports" / ".part").write_text("half")
    (root / "reports" / "empty").mkdir()
    (root / "secret.txt").write_text("secret")
    server = ReportServer(root / "reports")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def ask(server: ReportServer, path: str, host: str | None = None, method: str = "GET") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    connection.putrequest(method, path, skip_host=host is not None)
    if host is not None:
        connection.putheader("Host", host)
    connection.endheaders()
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_pages(server: ReportServer) -> None:
    status, page = ask(server, "/")
    assert (status, "Recommender runs" in page) == (200, True)
    status, page = ask(server, "/r2/index.html")
    assert (status, "Not pushed" in page) == (200, True)
    assert ask(server, "/r2/scorecard.json")[0] == 200


@pytest.mark.parametrize("path", ["/.part", "/empty/", "/../secret.txt", "/%2e%2e/secret.txt", "/r2/none.html"])
def test_nothing_else(server: ReportServer, path: str) -> None:
    status, answer = ask(server, path)
    assert status == 404
    assert "secret" not in answer


def test_this_machine_only(server: ReportServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    assert ask(server, "/", "evil.example")[0] == 403
    assert ask(server, "/", f"localhost:{server.server_address[1]}")[0] == 200
    assert ask(server, "/", method="POST")[0] == 501


def test_opens_the_newest_run(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert main(["--root", str(root)]) == 0
    assert main(["--root", str(root), "--run", "2024-05-06T02-00-11"]) == 0
    pages = [root / "reports" / run / "index.html" for run in ("r2", "2024-05-06T02-00-11")]
    assert opened == [page.as_uri() for page in pages]
    assert capsys.readouterr().out.split() == [str(page) for page in pages]


def test_reports_of_a_published_store(
    full: Scorecard,
    root: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("webbrowser.open", lambda url: True)
    store = tmp_path_factory.mktemp("store")
    later = dataclasses.replace(full.run, id="of-the-cluster", started="2024-05-09T02:00:00+00:00")
    PublishedReports(str(store)).publish(
        later.id, write_report(store / "made", dataclasses.replace(full, run=later)).parent
    )
    for where in (root, store / "empty root"):  # beside others, and alone
        assert main(["--root", str(where), "--from", str(store)]) == 0
        assert capsys.readouterr().out == f"{where}/reports/of-the-cluster/index.html\n"
        assert "of-the-cluster" in (where / "reports" / "index.html").read_text()
    assert "r2" in (root / "reports" / "index.html").read_text()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--root", "nowhere"], "received no reports"),
        (["--run", "r9"], "received r9"),
        (["--from", "nowhere"], "nowhere: expected a published store with reports of Kubeflow runs, received none"),
        (["--from", "minio://b/serving"], "minio://b/serving: expected AWS_ENDPOINT_URL in the environment"),
        (["--serve", "--port", "99999"], "--port: expected one to serve on, received 99999"),
    ],
)
def test_bad_flags(
    root: Path,
    flags: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert main(["--root", str(root), *flags]) == 2
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1


def test_serves_until_interrupted(root: Path) -> None:
    command = [sys.executable, "-m", "components.report", "--root", str(root), "--serve", "--port", "0"]
    # Where the tests themselves run in the background, what they start would ignore Ctrl-C.
    listen = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, env={**os.environ}, preexec_fn=listen
    )
    assert process.stdout is not None
    url = process.stdout.readline().split()[0]
    connection = http.client.HTTPConnection(url.removeprefix("http://").rstrip("/"), timeout=10)
    connection.request("GET", "/")
    assert connection.getresponse().status == 200
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
