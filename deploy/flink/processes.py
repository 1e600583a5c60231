"""Processes that outlive the command that starts them, remembered by number in a file."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import time
from pathlib import Path

_GRACE = 15.0  # seconds until a process that was asked to end is killed


@dataclasses.dataclass(frozen=True)
class Processes:
    """The processes of a cluster.

    Attributes:
        folder: of their logs, and of the file that remembers them.
    """

    folder: Path

    def start(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
        """Starts a process in a session of its own, and remembers it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                cwd=self.folder,  # and not the checkout, which Python would import from
                start_new_session=True,
            )
        self._remember({**self._remembered(), name: {"pid": process.pid, "began": _began(process.pid)}})

    def running(self) -> dict[str, int]:
        """Numbers of the processes that are still there, by name."""
        return {name: one["pid"] for name, one in self._remembered().items() if _began(one["pid"]) == one["began"]}

    def stop(self) -> None:
        """Ends all of them with what they started, the youngest first, and forgets them."""
        for name, pid in reversed(self.running().items()):
            os.killpg(pid, signal.SIGTERM)
            deadline = time.monotonic() + _GRACE
            while name in self.running() and time.monotonic() < deadline:
                time.sleep(0.1)
            if name in self.running():
                os.killpg(pid, signal.SIGKILL)
            _reap(pid)
        self._remember({})

    def last_words(self, name: str) -> str:
        """The last line that a process wrote."""
        lines = (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else "nothing"

    @property
    def _file(self) -> Path:
        return self.folder / "processes.json"

    def _remembered(self) -> dict[str, dict[str, int]]:
        if not self._file.exists():
            return {}
        found: dict[str, dict[str, int]] = json.loads(self._file.read_text(encoding="utf-8"))
        return found

    def _remember(self, processes: dict[str, dict[str, int]]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps(processes), encoding="utf-8")


def _began(pid: int) -> int:
    """When a process began, in the kernel's ticks; 0 if it is gone. A number alone may belong to another by now."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except FileNotFoundError:
        return 0
    return 0 if fields[0] == "Z" else int(fields[19])


def _reap(pid: int) -> None:
    """Waits for the last thread of a child that ends, and lets go of it; others are their own parents' business."""
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        return
