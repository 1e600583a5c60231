"""Which errors are the user's to mend."""

from __future__ import annotations

import errno

import pytest

from modules.errors import InputError
from modules.mistakes import input_error

MISTAKE = InputError("table items", "rows", "none")


def test_itself() -> None:
    assert input_error(MISTAKE) is MISTAKE


@pytest.mark.parametrize("link", ["__cause__", "__context__"])
def test_wrapped(link: str) -> None:
    wrapped, outermost = RuntimeError("a component failed"), RuntimeError("the pipeline failed")
    setattr(wrapped, link, MISTAKE)
    setattr(outermost, link, wrapped)
    assert input_error(outermost) is MISTAKE


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "whatever the language of the system calls it"),
        OSError(errno.EDQUOT, "quota"),
        RuntimeError("OSError: [Errno 28] No space left on device [while running 'Write']"),
        RuntimeError("mysql_query failed: Error executing query: database or disk is full: INSERT …"),
    ],
)
def test_full_disk(error: Exception) -> None:
    found = input_error(error)
    assert str(found) == "--root: expected room for what the run writes, received a full disk"


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("y"), OSError(errno.EACCES, "no"), AssertionError()])
def test_bugs(error: Exception) -> None:
    assert input_error(error) is None
