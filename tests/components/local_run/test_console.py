"""Progress for people, everything else in a file."""

from __future__ import annotations

import io
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from absl import logging as absl_logging

from components.local_run.console import PROGRESS_PREFIX, Console, quiet
from modules import progress


def _shown(*messages: str) -> str:
    """What is shown of some log records, with times left out."""
    stream = io.StringIO()
    console = Console(stream, total=12)
    for message in messages:
        console.handle(logging.makeLogRecord({"msg": message, "levelno": logging.INFO}))
    return re.sub(r"\d+\.\d s", "S", stream.getvalue())


def test_a_line_a_component() -> None:
    shown = _shown(
        "Component Transform is running.",
        "Something that nobody needs to know",
        "Component Transform is finished.",
        "Component Trainer.ranking is running.",
        "A cached execution 17 is used.",
        "Component Trainer.ranking is finished.",
    )
    first, second = shown.splitlines()
    assert re.fullmatch(r"\[ 1/12\] Transform +S", first)
    assert re.fullmatch(r"\[ 2/12\] Trainer.ranking +cached", second)


def test_progress_in_between() -> None:
    shown = _shown(
        "Component Trainer is running.", f"{PROGRESS_PREFIX}epoch 1: loss 2.5", "Component Trainer is finished."
    )
    first, second, third = shown.splitlines()
    assert re.fullmatch(r"\[ 1/12\] Trainer *", first)
    assert second.strip() == "epoch 1: loss 2.5"
    assert re.fullmatch(r" +S", third)


def test_which_component_runs_and_how_long_the_others_took() -> None:
    console = Console(io.StringIO())
    for message in ("Component A is running.", "Component A is finished.", "Component B is running."):
        console.handle(logging.makeLogRecord({"msg": message}))
    assert console.current == "B" and [*console.seconds] == ["A"] and 0 <= console.seconds["A"] < 5


def test_the_prefix_is_the_one_that_components_use() -> None:
    assert progress.PROGRESS_PREFIX == PROGRESS_PREFIX


_PROGRAM = """
import logging, os, subprocess, sys, warnings
from pathlib import Path
from components.local_run.console import quiet

print("before")
try:
    with quiet(Path(sys.argv[1])) as console:
        console.say("for people: é")
        print("from Python")
        os.system("echo from a child; echo an error of a child >&2")
        warnings.warn("a warning")
        logging.getLogger("tfx").info("Component A is running.")
        logging.getLogger("other").info("detail %d", 5)
        if sys.argv[2] == "fail":
            raise ValueError("inside")
        logging.getLogger("tfx").info("Component A is finished.")
except ValueError as error:
    print("caught", error)
print("after")
sys.stderr.write("an error of ours\\n")
"""


@pytest.mark.parametrize("how", ["end", "fail"])
def test_everything_else_goes_to_the_log(tmp_path: Path, how: str) -> None:
    log = tmp_path / "logs" / "run.log"
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(log), how],
        cwd=Path(__file__).parents[3], capture_output=True, text=True, check=True, timeout=60,
        env={"PYTHONIOENCODING": "utf-8", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    lines = [re.sub(r" +\d+\.\d s", "", line).rstrip() for line in done.stdout.splitlines()]
    expected = ["before", "for people: é", "[ 1/0] A", *(["caught inside"] if how == "fail" else []), "after"]
    assert lines == expected
    assert done.stderr == "an error of ours\n"
    logged = log.read_text(encoding="utf-8")
    for text in ("from Python", "from a child", "an error of a child", "Component A is running.", "detail 5"):
        assert text in logged
    assert "for people" not in logged and "after" not in logged


def test_a_second_run_adds_to_the_log(tmp_path: Path) -> None:
    for _ in range(2):
        subprocess.run(
            [sys.executable, "-c", _PROGRAM, str(tmp_path / "run.log"), "end"],
            cwd=Path(__file__).parents[3], capture_output=True, check=True, timeout=60,
        )  # fmt: skip
    assert (tmp_path / "run.log").read_text().count("from Python") == 2


def test_a_component_that_fails_leaves_no_open_line() -> None:
    stream = io.StringIO()
    console = Console(stream, total=1)
    console.handle(logging.makeLogRecord({"msg": "Component Gate is running."}))
    console.end_line()
    console.end_line()
    console.say("report")
    assert [line.rstrip() for line in stream.getvalue().splitlines()] == ["[ 1/1] Gate", "report"]


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
