"""The runner in processes of their own that need not import TensorFlow again: they fork from one that has."""

from __future__ import annotations

import multiprocessing
import os
import re
import runpy
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PRELOADED = ["local_runner", "tfx.orchestration.local.local_dag_runner", "pipeline.pipeline"]
_LINE = re.compile(r"\[ *\d+/\d+\] (\S+)")
_TIMEOUT = 600.0
_CHILD = Path(__file__).with_name("forked_child.py")


def components_of(printed: str) -> list[str]:
    """The components that a run says it has begun, in order."""
    return _LINE.findall(printed)


class ForkedRun:
    """A run of the local runner.

    Args:
        arguments: of the runner.
        output: file for what it prints.
        attributes: of the module `local_runner`, set in the new process.
        errors: file for its standard error stream, if that is not to go into `output` too.
        plant: a file, a function in it that is called in the new process first, and its arguments.
    """

    def __init__(
        self,
        arguments: list[str],
        output: Path,
        attributes: Mapping[str, Any] | None = None,
        errors: Path | None = None,
        plant: tuple[str, ...] = (),
    ) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_PRELOADED)
        self._output = output
        for file in (output, errors or output):
            file.write_text("")
        request = {
            "arguments": arguments,
            "output": str(output),
            "errors": str(errors or output),
            "attributes": dict(attributes or {}),
            "plant": plant,
        }
        # By path: a process that forks from the server need not find this package among its modules.
        self._process = context.Process(target=runpy.run_path, args=(str(_CHILD), {"REQUEST": request}))
        self._process.start()

    @property
    def printed(self) -> str:
        """What it has printed until now, on both streams."""
        return self._output.read_text()

    @property
    def process_id(self) -> int:
        """Of the process that runs."""
        assert self._process.pid
        return self._process.pid

    def wait_for(self, component: str) -> bool:
        """Waits until a component has started; False if the run ended before."""
        deadline = time.monotonic() + _TIMEOUT
        while component not in components_of(self.printed):
            if not self._process.is_alive():
                return False
            assert time.monotonic() < deadline, self.printed
            time.sleep(0.02)
        return True

    def status(self) -> int:
        """Waits for the end and returns the exit status."""
        self._process.join(_TIMEOUT)
        status = self._process.exitcode
        assert status is not None, self.printed
        return status

    def kill(self) -> None:
        """Kills it and all its children as the kernel would."""
        assert self._process.pid
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.join()
