"""What `status` says of runs: what the server knows, and what their reports know."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

import kubeflow_runner
from components.report.folder import write_report
from components.report.run import Refusal, Run
from components.report.scorecard import Scorecard
from tests.kubeflow_server import KubeflowServer

REFUSED = Run("", "2024-05-06T07:08:09+00:00", "refused", refused=[Refusal("above_popularity", "low", 0.5, 1.0)])
PUSHED = dataclasses.replace(REFUSED, verdict="pushed", refused=[], pushed_version="17")


def submit(server: KubeflowServer, compiled: Path, state: str, *parameters: str) -> str:
    """Starts a run that is said to have come so far, and returns its id."""
    words = ["submit", "--package", str(compiled), *(word for given in parameters for word in ("--param", given))]
    assert kubeflow_runner.main(words, {"KFP_HOST": server.url}) == 0
    identifier, record = [*server.runs.items()][-1]
    record["state"] = state
    return identifier


def shown(server: KubeflowServer, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, str]:
    """By id of a run, what is said behind the time."""
    capsys.readouterr()
    assert kubeflow_runner.main(["status", *words], {"KFP_HOST": server.url}) == 0
    lines = [line.split(None, 4) for line in capsys.readouterr().out.splitlines()]
    return {line[1] if line[0] == "run" else line[0]: line[-1] for line in lines}


def test_verdicts(server: KubeflowServer, compiled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    elsewhere, here = tmp_path / "elsewhere", tmp_path / "here"
    refused = submit(server, compiled, "SUCCEEDED", f"serving={elsewhere}")
    write_report(elsewhere / "reports", Scorecard(dataclasses.replace(REFUSED, id=refused)))
    pushed = submit(server, compiled, "SUCCEEDED")
    write_report(here / "reports", Scorecard(dataclasses.replace(PUSHED, id=pushed)))
    assert shown(server, capsys, "--serving", str(here)) == {
        refused: "SUCCEEDED  Not pushed: refused by above_popularity",
        pushed: "SUCCEEDED  Pushed version 17",
    }


def test_runs_without_a_report(
    server: KubeflowServer, compiled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = submit(server, compiled, "FAILED")
    goes_on = submit(server, compiled, "RUNNING")
    assert shown(server, capsys, "--serving", str(tmp_path)) == {failed: "FAILED  no report", goes_on: "RUNNING"}


def test_a_store_that_cannot_be_read_from_here(
    server: KubeflowServer, compiled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = submit(server, compiled, "SUCCEEDED")
    for words in (("--package", str(compiled)), ()):  # both say minio://
        found = shown(server, capsys, *words)
        assert found[ended] == "SUCCEEDED" and "AWS_ENDPOINT_URL" in found["reports"]
    assert "Protocol not known: nonsense" in shown(server, capsys, "--serving", "nonsense://x")["reports"]
