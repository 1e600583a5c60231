"""The files of request logs."""

from __future__ import annotations

from pathlib import Path

from modules.errors import InputError


def log_files(folder: Path) -> tuple[str, ...]:
    """The finished TFRecord files of a folder and of those in it; files that still grow end in `.open`.

    Raises:
        InputError: there are none.
    """
    if not folder.is_dir():
        raise InputError(f"--log {folder}", "a folder of request logs", "no such folder")
    found = [path for path in folder.rglob("*.tfrecord*") if path.is_file() and path.suffix != ".open"]
    files = sorted(map(str, found))
    if not files:
        raise InputError(f"--log {folder}", "TFRecord files (*.tfrecord, *.tfrecord.gz) of PredictionLogs", "none")
    return tuple(files)
