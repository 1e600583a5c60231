"""One run at a time in a folder."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from modules.errors import InputError

_LOCK = ".lock"


@contextlib.contextmanager
def sole_run(root: Path) -> Iterator[None]:
    """Makes the folder and keeps a second run off it; the lock goes with the process, however that ends.

    Raises:
        InputError: the folder cannot be written, or another run is going on in it.
    """
    with contextlib.ExitStack() as undo:
        try:
            root.mkdir(parents=True, exist_ok=True)
            lock = undo.enter_context((root / _LOCK).open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(f"--root {root}", "no other run in the same folder", "one that is still going") from error
        except OSError as error:
            raise InputError(f"--root {root}", "a folder that can be written", error) from error
        yield


def new_run_id(root: Path, moment: str) -> str:
    """A name for a run that no earlier one has: when it started and, within the same second, a number."""
    taken = {path.stem for folder in ("logs", "reports") for path in (root / folder).glob(f"{moment}*")}
    number, name = 1, moment
    while name in taken:
        number += 1
        name = f"{moment}-{number}"
    return name
