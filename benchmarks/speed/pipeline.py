"""The product, run as its users run it, watched: seconds by component, and memory of all its processes together."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from benchmarks.project import PROJECT

_COMPONENT = re.compile(r"^\[ *\d+/\d+\] (\S+)", re.MULTILINE)
_LOOKS_A_SECOND = 10


@dataclasses.dataclass(frozen=True)
class Run:
    """What was seen of a run.

    Attributes:
        status: exit status; None where it was stopped on purpose.
        seconds: of the whole.
        peak_bytes: greatest resident memory of the process and its descendants together.
        components: seconds of each, from its line to the next one's.
        printed: by the runner.
    """

    status: int | None
    seconds: float
    peak_bytes: int
    components: dict[str, float]
    printed: str


def run_pipeline(arguments: Sequence[str], stop_before: str | None = None) -> Run:
    """Runs `local_runner.py`.

    Args:
        arguments: its flags.
        stop_before: a component; when it begins, the run is ended.
    """
    command = [sys.executable, str(PROJECT / "local_runner.py"), *arguments]
    # Where the benchmark itself runs in the background, what it starts would ignore Ctrl-C.
    listen = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with tempfile.NamedTemporaryFile() as output:
        began, peak, stopped = time.monotonic(), 0, False
        starts: dict[str, float] = {}
        with subprocess.Popen(
            command, cwd=PROJECT, stdout=output, stderr=subprocess.STDOUT, preexec_fn=listen
        ) as process:
            watched = psutil.Process(process.pid)
            while process.poll() is None:
                peak = max(peak, resident_bytes(watched))
                for component in _COMPONENT.findall(_text(output.name)):
                    starts.setdefault(component, time.monotonic())
                if stop_before in starts and not stopped:
                    process.send_signal(signal.SIGINT)
                    stopped = True
                time.sleep(1 / _LOOKS_A_SECOND)
        ended = time.monotonic()
        ends = [*list(starts.values())[1:], ended]
        components = {name: end - start for (name, start), end in zip(starts.items(), ends, strict=True)}
        return Run(None if stopped else process.returncode, ended - began, peak, components, _text(output.name))


def resident_bytes(process: psutil.Process) -> int:
    """Resident memory of a process and its descendants; those that are just ending count as nothing."""
    total = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        for one in [process, *process.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                total += int(one.memory_info().rss)
    return total


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8", errors="replace")
