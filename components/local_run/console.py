"""What a person sees while the pipeline runs: a line a component, and everything else in a log file."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

PROGRESS_PREFIX = "progress: "  # as in modules.progress, which cannot be imported before TensorFlow is
# The words of TFX's LocalDagRunner and launcher.
_RUNNING = re.compile(r"^Component (\S+) is running\.")
_FINISHED = re.compile(r"^Component (\S+) is finished\.")
_CACHED = re.compile(r"^A cached execution \d+ is used\.")
_WIDTH = 31  # of a component's name


class Console(logging.Handler):
    """Turns TFX's log into progress: a component's name when it starts, its seconds when it ends.

    Attributes:
        total: how many components there will be.
        current: the component that is running.
        seconds: by component, in the order in which they ran.
    """

    def __init__(self, stream: TextIO, total: int = 0) -> None:
        """Shows progress on `stream`."""
        super().__init__(logging.INFO)
        self._stream, self.total = stream, total
        self._began, self._cached, self._line_is_open = 0.0, False, False
        self.current: str | None = None
        self.seconds: dict[str, float] = {}

    def say(self, line: str) -> None:
        """Shows a line."""
        self._write(f"{line}\n")

    def end_line(self) -> None:
        """Breaks off the line of a component that did not finish."""
        self._write("")

    def emit(self, record: logging.LogRecord) -> None:
        """Shows what a log record means for a person, if anything."""
        message = record.getMessage()
        if started := _RUNNING.match(message):
            self.current, self._began, self._cached = started[1], time.monotonic(), False
            self._write(f"[{len(self.seconds) + 1:2d}/{self.total}] {self.current:<{_WIDTH}}", open_line=True)
        elif _CACHED.match(message):
            self._cached = True
        elif finished := _FINISHED.match(message):
            self.seconds[finished[1]] = time.monotonic() - self._began
            self.current = None
            self._finish("cached" if self._cached else f"{self.seconds[finished[1]]:.1f} s")
        elif message.startswith(PROGRESS_PREFIX):
            self.say(f"        {message[len(PROGRESS_PREFIX) :]}")

    def _finish(self, text: str) -> None:
        """Ends the line of a component, or, if something was said in the meantime, writes another one."""
        self._write(f"{'' if self._line_is_open else ' ' * (_WIDTH + 8)}{text:>9}\n", goes_on=True)

    def _write(self, text: str, open_line: bool = False, goes_on: bool = False) -> None:
        """Writes at once; breaks off an open line first, unless the text goes on with it."""
        self._stream.write(f"\n{text}" if self._line_is_open and not goes_on else text)
        self._stream.flush()
        self._line_is_open = open_line


class _LogFile(logging.StreamHandler[TextIO]):
    """Writes to the log file for as long as the disk has room."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Says nothing: the run stops at the first thing that matters and cannot be written, and says so then."""


@contextlib.contextmanager
def quiet(log_file: Path) -> Iterator[Console]:
    """Sends all logging, warnings and whatever libraries print to `log_file`; yields the console.

    File descriptors are redirected, for TensorFlow's C++ code writes to them directly. They are put back at the end.
    """
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as undo:
        stream = undo.enter_context(os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace"))
        sink = log_file.open("a", encoding="utf-8", errors="backslashreplace")
        undo.callback(_close, sink)
        undo.enter_context(_descriptors_to(sink))
        undo.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        console = Console(stream)
        undo.callback(console.end_line)
        undo.enter_context(_logging_to(sink, console))
        yield console


@contextlib.contextmanager
def _descriptors_to(sink: TextIO) -> Iterator[None]:
    """Points the process's standard output and standard error at a file."""
    _flush()
    kept = {number: os.dup(number) for number in (1, 2)}
    for number in kept:
        os.dup2(sink.fileno(), number)
    try:
        yield
    finally:
        _flush()
        for number, original in kept.items():
            os.dup2(original, number)
            os.close(original)


@contextlib.contextmanager
def _logging_to(sink: TextIO, console: Console) -> Iterator[None]:
    """Writes log records to a file, and shows the few that are progress."""
    from absl import logging as absl_logging  # configures itself when imported: only now, with stderr a file

    root = logging.getLogger()
    file = _LogFile(sink)
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname).1s %(filename)s:%(lineno)d] %(message)s"))
    level = root.level
    absl_logging.set_verbosity(absl_logging.INFO)
    root.setLevel(logging.INFO)
    root.addHandler(file)
    root.addHandler(console)
    try:
        yield
    finally:
        root.removeHandler(console)
        root.removeHandler(file)
        root.setLevel(level)


def _flush() -> None:
    # On a full disk the rest of the log is lost, and that must not hide the error that the user has to see.
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    with contextlib.suppress(OSError):
        sys.stderr.flush()


def _close(sink: TextIO) -> None:
    with contextlib.suppress(OSError):  # as in `_flush`
        sink.close()
