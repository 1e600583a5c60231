"""What is said where a part cannot be had."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.flink import parts
from deploy.flink.__main__ import main


def test_no_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert main(["start", "--folder", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "error: no java: Flink needs a JDK 11 or 17 (PATH or JAVA_HOME)\n"


@pytest.mark.parametrize(
    ("version", "enough"), [("17.0.15", True), ("11", True), ("10.0.2", False), ("1.8.0_412", False)]
)
def test_which_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, enough: bool) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    if enough:
        assert parts.java() == str(java)
    else:
        with pytest.raises(parts.MissingPart, match="java is older than the JDK 11 or 17"):
            parts.java()


def test_a_job_server_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(parts.JOB_SERVER_JAR, str(tmp_path / "none.jar"))
    with pytest.raises(parts.MissingPart, match=r"^FLINK_JOB_SERVER_JAR names no file: .*/none\.jar$"):
        parts.job_server_jars()


def test_a_job_server_that_one_has(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "some.jar").touch()
    monkeypatch.setenv(parts.JOB_SERVER_JAR, str(tmp_path / "some.jar"))
    assert parts.job_server_jars() == [tmp_path / "some.jar"]
