"""What is asked of a cluster, and what is said where there is none."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from benchmarks.speed import flink
from benchmarks.speed.figures import NotHere
from benchmarks.speed.flink import flink_cluster, options_of


def project(folder: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose cluster is a script; `said` is what it was told."""
    package = folder / "deploy" / "flink"
    package.mkdir(parents=True)
    (package / "__main__.py").write_text(f"import sys\nopen('said', 'a').write(sys.argv[1] + ' ')\n{code}\n")
    monkeypatch.setattr(flink, "PROJECT", folder)
    return folder / "said"


def test_options_are_what_follows_the_dashes() -> None:
    assert options_of("jobmanager    12\nworkers       15\n\n-- --runner=R --parallelism=2\n") == [
        "--runner=R",
        "--parallelism=2",
    ]


def test_started_and_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = project(tmp_path, "print('jobserver 1\\n\\n-- --runner=R')", monkeypatch)
    with contextlib.suppress(RuntimeError), flink_cluster(tmp_path) as options:
        assert (options, said.read_text()) == (["--runner=R"], "start ")
        raise RuntimeError
    assert said.read_text() == "start stop "


def test_no_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path, "sys.exit('error: no java' if sys.argv[1] == 'start' else 0)", monkeypatch)
    with pytest.raises(NotHere, match=r"^no java$"), flink_cluster(tmp_path):
        raise AssertionError("there is none")
