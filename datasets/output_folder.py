"""A folder that appears all at once, or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

from modules.errors import InputError


@contextlib.contextmanager
def output_folder(out: Path, contents: Collection[str]) -> Iterator[Path]:
    """Lends an empty folder to write into; on success it takes the place of `out`.

    An earlier `out` stays untouched until the new one is whole. After an error nothing is left behind.

    Args:
        out: a folder that is new, empty, or holds nothing but `contents` of an earlier run.
        contents: names of the files that the caller may write.

    Raises:
        InputError: `out` is a file, holds something else, or cannot be written (no rights, disk full).
    """
    out = out.absolute()
    _check_replaceable(out, contents)
    # Beside `out`, so that the rename stays within one file system.
    draft = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        draft.mkdir(parents=True)
        yield draft
        _publish(draft, out)
    except OSError as error:
        raise InputError(f"folder {out}", "a place to write to", error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _check_replaceable(out: Path, contents: Collection[str]) -> None:
    if not out.exists():
        return
    if not out.is_dir():
        raise InputError(f"folder {out}", "a folder", "a file")
    foreign = sorted(path.name for path in out.iterdir() if path.name not in contents)
    if foreign:
        raise InputError(f"folder {out}", f"a new or empty folder, or one with only {sorted(contents)}", foreign)


def _publish(draft: Path, out: Path) -> None:
    """Renames `draft` to `out`; what was there before goes away last."""
    retired = draft.with_suffix(".old")
    if out.exists():
        out.rename(retired)
    draft.rename(out)
    if retired.exists():
        shutil.rmtree(retired)
