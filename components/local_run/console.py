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
_RUNNING = re.compile(r"^Component (\S+) is running\.")
_FINISHED = re.compile(r"^Component (\S+) is finished\.")
_CACHED = re.compile(r"^Cached results found|execution .* is cached|^A cached execution", re.IGNORECASE)


class Console(logging.Handler):
    """Turns TFX's log into progress: a component's name when it starts, its seconds when it ends.

    Attributes:
        current: the component that is running.
        seconds: by component, in the order in which they ran.
    """

    def __init__(self, stream: TextIO, total: int = 0) -> None:
        """Shows progress on `stream`; `total` is how many components there will be."""
        super().__init__(logging.INFO)
        self._stream, self.total = stream, total
        self._began = 0.0
        self.current: str | None = None
        self.seconds: dict[str, float] = {}

    def say(self, line: str) -> None:
        """Shows a line."""
        self._stream.write(f"{line}\n")
        self._stream.flush()

    def emit(self, record: logging.LogRecord) -> None:
        """Shows what a log record means for a person, if anything."""
        message = record.getMessage()
        if started := _RUNNING.match(message):
            self.current, self._began = started[1], time.monotonic()
            self._stream.write(f"[{len(self.seconds) + 1:2d}/{self.total}] {self.current:<28}")
            self._stream.flush()
            self._line_open = True
        elif finished := _FINISHED.match(message):
            self.seconds[finished[1]] = time.monotonic() - self._began
            self.current = None
            self._close_line(f"{self.seconds[finished[1]]:6.1f} s")
        elif message.startswith(PROGRESS_PREFIX):
            self._close_line("")
            self.say(f"        {message[len(PROGRESS_PREFIX) :]}")

    _line_open = False

    def _close_line(self, text: str) -> None:
        if self._line_open:
            self.say(f" {text}")
        elif text:
            self.say(f"        {'':28}{text}")
        self._line_open = False


@contextlib.contextmanager
def quiet(log_file: Path) -> Iterator[Console]:
    """Sends all logging, warnings and whatever libraries print to `log_file`; yields the console.

    File descriptors are redirected, for TensorFlow's C++ code writes to them directly. They are put back at the end.
    """
    log_file.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = {number: os.dup(number) for number in (1, 2)}
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")
    console = Console(stream)
    with log_file.open("ab") as sink:
        for number in kept:
            os.dup2(sink.fileno(), number)
        from absl import logging as absl_logging  # configures itself when imported: only now, with its stderr a file

        absl_logging.use_absl_handler()
        absl_logging.set_verbosity(absl_logging.INFO)
        logging.getLogger().addHandler(console)
        logging.captureWarnings(True)
        warnings.simplefilter("ignore")
        try:
            yield console
        finally:
            logging.getLogger().removeHandler(console)
            sys.stdout.flush()
            sys.stderr.flush()
            for number, original in kept.items():
                os.dup2(original, number)
                os.close(original)
            stream.close()
