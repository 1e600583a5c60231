"""Processes that are remembered by number."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from deploy.flink.processes import Processes

STUBBORN = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def test_started_remembered_and_stopped(tmp_path: Path) -> None:
    Processes(tmp_path).start("one", [sys.executable, "-c", STUBBORN])
    Processes(tmp_path).start("two", [sys.executable, "-c", STUBBORN])
    running = Processes(tmp_path).running()  # as another command would find it
    assert list(running) == ["one", "two"]
    assert len(set(running.values())) == 2
    Processes(tmp_path).stop()
    assert Processes(tmp_path).running() == {}
    assert not [pid for pid in running.values() if Path(f"/proc/{pid}/cmdline").exists()]


def test_a_number_that_belongs_to_another_process_by_now_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as foreign:
        (tmp_path / "processes.json").write_text(json.dumps({"one": {"pid": foreign.pid, "began": 1}}))
        assert Processes(tmp_path).running() == {}
        Processes(tmp_path).stop()
        assert foreign.poll() is None
        foreign.send_signal(signal.SIGKILL)


def test_what_a_process_said_last(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    processes.start("one", [sys.executable, "-c", "print('well'); print('no'); raise SystemExit(1)"])
    while processes.running():
        pass
    assert processes.last_words("one") == "no"
