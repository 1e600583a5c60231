"""The folder of published versions, written atomically.

Servable and baseline are copied beside their final place under a name that nobody reads, flushed to the disk, and
then renamed: the baseline first and the servable last, so a servable that can be seen is whole and has its baseline.
What a killed run leaves behind is never read, and the next publication removes it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from components.json_file import write_json
from components.publishing.versions import BASELINE, MANIFEST, SAVED_MODEL, SERVABLE, PublishedVersions, missing_part
from modules.errors import InputError

_PARTIAL, _IDENTITY = ".tmp-", ".id"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class PublishedStore(PublishedVersions):
    """The published versions under a folder of a local or mounted file system.

    Args:
        root: the serving folder of a run; made at the first publication.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)

    def identity(self) -> str:
        """Kept in a file of the folder; see `PublishedVersions`."""
        file = self.root / _IDENTITY
        if not file.is_file():
            self.root.mkdir(parents=True, exist_ok=True)
            draft = self.root / f"{_PARTIAL}{uuid.uuid4().hex}"
            draft.write_text(uuid.uuid4().hex, encoding="utf-8")
            draft.rename(file)
        return file.read_text(encoding="utf-8")

    def versions(self) -> list[int]:
        """The servable versions, oldest first. A folder that holds no SavedModel is none."""
        folder = self.root / SERVABLE
        return sorted(version for version in _numbered(folder) if (folder / str(version) / SAVED_MODEL).is_file())

    def servable_path(self, version: int) -> Path:
        """The folder of the SavedModel of a version."""
        return self.root / SERVABLE / str(version)

    def servable_url(self, version: int) -> str:
        """The path of that folder."""
        return str(self.servable_path(version))

    def baseline_path(self, version: int, name: str) -> Path:
        """The part `name` of the baseline of a version.

        Raises:
            InputError: the version has no such part.
        """
        path = self.root / BASELINE / str(version) / name
        if not path.exists():
            raise missing_part(path, version, name)
        return path

    def fetch(self, version: int, name: str, target: Path) -> None:
        """Links or copies the part; see `PublishedVersions`."""
        source = self.baseline_path(version, name)
        if source.is_dir():
            shutil.copytree(source, target, copy_function=_link_or_copy, dirs_exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            _link_or_copy(str(source), str(target))

    def fetch_servable(self, version: int, target: Path) -> None:
        """Links or copies the folder; see `PublishedVersions`."""
        source = self.servable_path(version)
        if not source.is_dir():
            raise missing_part(source, version, "servable")
        shutil.copytree(source, target, copy_function=_link_or_copy, dirs_exist_ok=True)

    def parts(self, version: int) -> list[str]:
        """Names of what is kept with a version beside its manifest."""
        folder = self.root / BASELINE / str(version)
        return sorted(entry.name for entry in folder.iterdir() if entry.name != MANIFEST) if folder.is_dir() else []

    def has_part(self, version: int, name: str) -> bool:
        """Whether the baseline of a version has a part `name`."""
        return (self.root / BASELINE / str(version) / name).exists()

    def _manifest_text(self, version: int) -> tuple[str, bytes | None]:
        path = self.root / BASELINE / str(version) / MANIFEST
        return str(path), path.read_bytes() if path.is_file() else None

    def publish(self, servable: Path, baseline: Mapping[str, Path], manifest: Mapping[str, Any]) -> int:
        """Copies, flushes, renames; see `PublishedVersions`."""
        with _full_disk_is_named(self.root):
            servables, baselines = self.root / SERVABLE, self.root / BASELINE
            servables.mkdir(parents=True, exist_ok=True)
            baselines.mkdir(exist_ok=True)
            with _only_publisher(self.root), contextlib.ExitStack() as undo:
                self._remove_leftovers()
                version = max(int(time.time()), max(_numbered(servables), default=0) + 1)
                new_servable, new_baseline = servables / _partial_name(), baselines / _partial_name()
                undo.callback(shutil.rmtree, new_servable, ignore_errors=True)
                undo.callback(shutil.rmtree, new_baseline, ignore_errors=True)
                new_baseline.mkdir()
                for name, source in baseline.items():
                    _copy(source, new_baseline / name)
                write_json(new_baseline, MANIFEST, {**manifest, "version": version})
                _copy(servable, new_servable)
                _flush(new_baseline)
                _flush(new_servable)

                new_baseline.rename(baselines / str(version))
                undo.callback(shutil.rmtree, baselines / str(version), ignore_errors=True)
                _flush_entry(baselines)
                new_servable.rename(servables / str(version))
                undo.pop_all()
                _flush_entry(servables)
        return version

    def _remove_leftovers(self) -> None:
        """Removes what killed publications left: copies, and baselines whose servable never appeared."""
        servables, baselines = self.root / SERVABLE, self.root / BASELINE
        leftovers = [*servables.glob(f"{_PARTIAL}*"), *baselines.glob(f"{_PARTIAL}*")]
        leftovers += [baselines / str(version) for version in set(_numbered(baselines)) - set(_numbered(servables))]
        for leftover in leftovers:
            shutil.rmtree(leftover)


def _numbered(folder: Path) -> list[int]:
    """The version numbers that name folders in `folder`."""
    if not folder.is_dir():
        return []
    return [int(entry.name) for entry in folder.iterdir() if entry.name.isdecimal() and entry.is_dir()]


def _partial_name() -> str:
    return _PARTIAL + uuid.uuid4().hex


def _copy(source: Path, target: Path) -> None:
    """Copies a file or a folder; unlike shutil.copytree it stops at the first error, and with that error."""
    if source.is_dir():
        target.mkdir()
        for entry in source.iterdir():
            _copy(entry, target / entry.name)
    else:
        shutil.copy(source, target)


def _link_or_copy(source: str, target: str) -> None:
    """A second name for the same bytes where the file system has it; published files are never written to."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _flush(folder: Path) -> None:
    """Puts the files of a folder, and their names, on the disk: a rename must not be written before them."""
    for path in [*folder.rglob("*"), folder]:
        _flush_entry(path)


def _flush_entry(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _only_publisher(root: Path) -> Iterator[None]:
    """Waits until no other process publishes; the lock ends with its process, however that ends."""
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _full_disk_is_named(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise InputError(str(root), "room for a new version", "a full disk") from error
        raise
