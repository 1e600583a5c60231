"""Asks a servable in a process of its own, as TF Serving would: TensorFlow and nothing of this project."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import modules

SCRIPT = Path(modules.__file__).parent / "serving" / "session_check.py"
_REASON_LENGTH = 500


@dataclasses.dataclass(frozen=True)
class Answer:
    """How a servable did.

    Attributes:
        value: its answers in the order of the requests, parsed from JSON; None if it gave none.
        reason: why there are none; empty if there are.
        log: everything the process wrote beside the answers.
    """

    value: list[Any] | None
    reason: str
    log: str


def ask(model: Path, requests: str, timeout_seconds: float, script: Path = SCRIPT) -> Answer:
    """Runs `python script MODEL_DIR REQUESTS.json` and reads the answers that it prints as JSON.

    Args:
        model: folder of a SavedModel.
        requests: JSON list of sample requests, as the script wants them; without any there is no evidence.
        timeout_seconds: for loading and for all answers together; the process is killed then.
        script: exits with another status than 0 if the model fails.
    """
    count = len(json.loads(requests))
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "requests.json"
        file.write_text(requests, encoding="utf-8")
        # -I: neither the folder of the script, nor that of the project, nor PYTHONPATH can be imported from.
        command = [sys.executable, "-I", str(script), str(model), str(file)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=timeout_seconds, check=False, cwd=scratch)
        except subprocess.TimeoutExpired as error:
            return Answer(None, f"no answer within {timeout_seconds:g} seconds", _text(error.stderr))
    log = _text(done.stderr)
    if done.returncode != 0:
        last = next((line for line in reversed(log.splitlines()) if line.strip()), "nothing on stderr")
        return Answer(None, f"exit status {done.returncode}: {last.strip()[:_REASON_LENGTH]}", log)
    try:
        value = json.loads(_text(done.stdout))
    except ValueError as error:
        return Answer(None, f"the answers are not JSON: {error}", log + _text(done.stdout))
    if not isinstance(value, list) or not value or len(value) != count:
        return Answer(None, f"{count} requests, but not as many answers: {json.dumps(value)[:_REASON_LENGTH]}", log)
    return Answer(value, "", log)


def _text(output: bytes | None) -> str:
    return (output or b"").decode("utf-8", errors="replace")
