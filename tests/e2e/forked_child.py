"""What the new process of a `forked.ForkedRun` does; `REQUEST` is set by whoever runs this file."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any


def run(arguments: list[str], output: str, errors: str, attributes: dict[str, Any], plant: tuple[str, ...]) -> int:
    """Runs the local runner with its streams in files, in a process group of its own."""
    os.setsid()
    for standard, file in ((1, output), (2, errors)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_APPEND), standard)
    sys.stdout, sys.stderr = (os.fdopen(standard, "w", closefd=False) for standard in (1, 2))
    sys.path.insert(0, str(Path(__file__).parents[2]))
    import local_runner

    if plant:
        called(*plant)
    for name, value in attributes.items():
        setattr(local_runner, name, value)
    status = local_runner.main(arguments)
    sys.stdout.flush()
    return status


def called(file: str, function: str, *arguments: str) -> None:
    """Calls a function of a file; by path, since another package may go by the name of this one here."""
    spec = importlib.util.spec_from_file_location(Path(file).stem, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.__dict__[function](*arguments)


sys.exit(run(**globals()["REQUEST"]))
