"""The watch over a run: a real process, its children, and where it is stopped."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from benchmarks.speed import pipeline
from benchmarks.speed.pipeline import resident_bytes, run_pipeline

# Prints as the runner does; "Holder" has a child that holds 64 MB.
_RUNNER = """
import subprocess, sys, time
print("[ 1/3] First", flush=True)
time.sleep(0.5)
print("[ 2/3] Holder", flush=True)
child = subprocess.Popen([sys.executable, "-c", "import time; held = b'x' * 64_000_000; time.sleep(1.5)"])
child.wait()
print("[ 3/3] Last", flush=True)
time.sleep(float(sys.argv[1]))
sys.exit(3)
"""


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "local_runner.py").write_text(_RUNNER)
    monkeypatch.setattr(pipeline, "PROJECT", tmp_path)


@pytest.mark.usefixtures("runner")
def test_to_the_end() -> None:
    run = run_pipeline(["0.1"])
    assert run.status == 3 and list(run.components) == ["First", "Holder", "Last"] and "[ 3/3] Last" in run.printed
    assert 0.3 < run.components["First"] < run.components["Holder"] and run.seconds > 2
    assert run.peak_bytes > 64_000_000


@pytest.mark.usefixtures("runner")
def test_stopped_before_a_component() -> None:
    began = time.monotonic()
    run = run_pipeline(["60"], stop_before="Last")
    assert run.status is None and "Holder" in run.components and time.monotonic() - began < 30


def test_memory_of_a_process_that_has_gone() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        watched = psutil.Process(process.pid)
        assert resident_bytes(watched) > 0
        process.communicate(b"\n")
    assert resident_bytes(watched) == 0
