"""The process that asks a servable."""

import json
import time
from pathlib import Path

import pytest

from components.servable_check.session import SCRIPT, ask

REQUESTS = json.dumps([{"signature": "a", "inputs": {}}, {"signature": "b", "inputs": {}}])


@pytest.fixture
def script(tmp_path: Path) -> Path:
    return tmp_path / "script.py"


def test_answers(script: Path, tmp_path: Path) -> None:
    script.write_text("import json, sys\nprint(json.dumps([sys.argv[1], json.load(open(sys.argv[2]))]))")
    answer = ask(tmp_path / "model", REQUESTS, 30, script)
    assert answer.value == [str(tmp_path / "model"), json.loads(REQUESTS)]
    assert answer.reason == ""


def test_the_process_cannot_import_the_project_or_its_neighbours(script: Path, tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").touch()
    script.write_text("""
import importlib.util, json
names = ["modules", "components", "neighbour"]
print(json.dumps([[n for n in names if importlib.util.find_spec(n)], []]))
""")
    assert ask(tmp_path, REQUESTS, 30, script).value == [[], []]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise RuntimeError('Op type not registered')", "exit status 1: RuntimeError: Op type not registered"),
        ("import sys; sys.exit(7)", "exit status 7: nothing on stderr"),
        ("import os; os.abort()", "exit status -6: nothing on stderr"),
        ("print('hello')", "the answers are not JSON: Expecting value: line 1 column 1 (char 0)"),
        ("print('[]')", "2 requests, but not as many answers: []"),
        ("print('[1]')", "2 requests, but not as many answers: [1]"),
        ("print('{}')", "2 requests, but not as many answers: {}"),
    ],
)
def test_no_answers(script: Path, tmp_path: Path, body: str, reason: str) -> None:
    script.write_text(body)
    answer = ask(tmp_path, REQUESTS, 30, script)
    assert answer.value is None
    assert answer.reason == reason


def test_no_requests_are_no_evidence(script: Path, tmp_path: Path) -> None:
    script.write_text("print('[]')")
    assert ask(tmp_path, "[]", 30, script).reason == "0 requests, but not as many answers: []"


def test_no_answer_in_time(script: Path, tmp_path: Path) -> None:
    script.write_text("import sys, time\nprint('loading', file=sys.stderr, flush=True)\ntime.sleep(60)")
    before = time.monotonic()
    answer = ask(tmp_path, REQUESTS, 1, script)
    assert time.monotonic() - before < 30
    assert answer.reason == "no answer within 1 seconds"
    assert answer.log == "loading\n"


def test_the_real_script_is_there() -> None:
    assert SCRIPT.is_file()
