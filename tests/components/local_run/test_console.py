"""What a person sees, and what goes to the log file."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from absl import logging as absl_logging

from components.local_run.console import Console, quiet


def tell(console: Console, *messages: str) -> None:
    for message in messages:
        console.emit(logging.LogRecord("tfx", logging.INFO, "", 0, message, None, None))


def test_a_line_a_component() -> None:
    stream = io.StringIO()
    console = Console(stream, total=12)
    tell(console, "Component Gate is running.")
    assert console.current == "Gate"
    assert stream.getvalue().endswith("[ 1/12] Gate                           ")
    tell(console, "Using deployment config: Component", "Component Gate is finished.")
    tell(console, "Component Pusher is running.", "A cached execution 7 is used.", "Component Pusher is finished.")
    assert console.current is None
    assert list(console.seconds) == ["Gate", "Pusher"]
    assert stream.getvalue().splitlines() == [
        "[ 1/12] Gate                               0.0 s",
        "[ 2/12] Pusher                            cached",
    ]


def test_progress_within_a_component() -> None:
    stream = io.StringIO()
    console = Console(stream, total=1)
    tell(console, "Component Trainer is running.", "progress: epoch 1/2", "progress: epoch 2/2")
    tell(console, "Component Trainer is finished.")
    assert [line.rstrip() for line in stream.getvalue().splitlines()] == [
        "[ 1/1] Trainer",
        "        epoch 1/2",
        "        epoch 2/2",
        " " * 43 + "0.0 s",
    ]


def test_a_component_that_fails_leaves_no_open_line() -> None:
    stream = io.StringIO()
    console = Console(stream, total=1)
    tell(console, "Component Gate is running.")
    console.end_line()
    console.end_line()
    console.say("report")
    assert [line.rstrip() for line in stream.getvalue().splitlines()] == ["[ 1/1] Gate", "report"]


def test_everything_else_goes_to_the_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "logs" / "run.log"
    with quiet(log) as console:
        console.say("shown")
        absl_logging.info("Component Gate is running.")
        absl_logging.info("from absl")
        logging.getLogger("beam").warning("from a library")
        warnings.warn("a warning", UserWarning, stacklevel=1)
        os.write(1, b"from C++ to stdout\n")
        os.write(2, b"from C++ to stderr\n")
        subprocess.run([sys.executable, "-c", "print('from a child')"], check=True)
    os.write(2, b"after\n")
    out, err = capfd.readouterr()
    assert [line.rstrip() for line in out.splitlines()] == ["shown", "[ 1/0] Gate"]
    assert err == "after\n"
    text = log.read_text()
    for said in ("from absl", "from a library", "from C++ to stdout", "from C++ to stderr", "from a child"):
        assert said in text
    assert "a warning" not in text


def test_put_back_after_an_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    handlers, level = list(logging.getLogger().handlers), logging.getLogger().level
    with pytest.raises(ValueError, match="broken"), quiet(tmp_path / "run.log"):
        raise ValueError("broken")
    os.write(1, b"out")
    os.write(2, b"err")
    assert capfd.readouterr() == ("out", "err")
    assert (logging.getLogger().handlers, logging.getLogger().level) == (handlers, level)


def test_runs_one_after_the_other_keep_their_logs_apart(tmp_path: Path) -> None:
    for name in ("first", "second"):
        with quiet(tmp_path / name):
            absl_logging.info("said in the %s", name)
    assert "said in the second" not in (tmp_path / "first").read_text()
    assert "said in the first" not in (tmp_path / "second").read_text()
    assert "said in the second" in (tmp_path / "second").read_text()
