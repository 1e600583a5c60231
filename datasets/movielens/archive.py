"""Unpacking a zip that may come from anywhere."""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath, PureWindowsPath

from modules.errors import InputError

# The largest MovieLens archive unpacks to about 1.3 GB.
MAX_UNPACKED_BYTES = 8 * 2**30
MAX_MEMBERS = 10_000


def unpack(archive: Path, folder: Path, wanted: Callable[[str], bool]) -> None:
    """Unpacks the members whose bare file name is `wanted`, flat, into `folder`.

    Every member is checked before the first byte is written, also those that stay packed.

    Raises:
        InputError: not a zip, a damaged or encrypted one, or one with a dangerous member: an absolute path, a path
            out of the folder, a link, more than `MAX_UNPACKED_BYTES` in all, two wanted members of one name.
    """
    try:
        with zipfile.ZipFile(archive) as packed:
            for member in _checked(archive, packed.infolist(), wanted):
                # The name is taken apart here, so that whatever the check let through lands in `folder`.
                target = folder / PurePosixPath(member.filename).name
                with packed.open(member) as source, target.open("xb") as sink:
                    shutil.copyfileobj(source, sink)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise InputError(f"archive {archive}", "a zip that can be unpacked", error) from error


def _checked(archive: Path, members: list[zipfile.ZipInfo], wanted: Callable[[str], bool]) -> list[zipfile.ZipInfo]:
    """The wanted members of a harmless archive."""
    if len(members) > MAX_MEMBERS:
        raise InputError(f"archive {archive}", f"{MAX_MEMBERS} members at most", len(members))
    size = sum(member.file_size for member in members)
    if size > MAX_UNPACKED_BYTES:
        raise InputError(f"archive {archive}", f"{MAX_UNPACKED_BYTES} bytes unpacked at most", size)
    chosen: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        where = f"archive {archive}, member {member.filename!r}"
        path = PurePosixPath(member.filename)
        if path.is_absolute() or ".." in path.parts or _looks_like_windows(member.filename):
            raise InputError(where, "a path inside the archive's own folder", member.filename)
        if stat.S_ISLNK(member.external_attr >> 16):
            raise InputError(where, "a file or folder", "a symbolic link")
        if member.flag_bits & 0x1:
            raise InputError(where, "a member without a password", "an encrypted one")
        if member.is_dir() or not wanted(path.name):
            continue
        if path.name in chosen:
            raise InputError(where, "one data set in an archive", f"another {chosen[path.name].filename!r}")
        chosen[path.name] = member
    return list(chosen.values())


def _looks_like_windows(name: str) -> bool:
    return "\\" in name or bool(PureWindowsPath(name).drive)
