"""Published files, compared with what the manifest says of them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from components.folder_digest import folder_digest
from components.publishing.parts import SERVABLE
from components.publishing.versions import PublishedVersions
from modules.errors import InputError


def fetch_verified(store: PublishedVersions, version: int, digests: Mapping[str, str], name: str, target: Path) -> None:
    """Puts a part of a version, or its servable, where `target` says.

    Args:
        store: the published versions.
        version: one of them.
        digests: of its manifest.
        name: of the part, or `SERVABLE`.
        target: folder or file.

    Raises:
        InputError: it is not there, or is not what was published; `target` is not there then either.
    """
    if name == SERVABLE:
        store.fetch_servable(version, target)
    else:
        store.fetch(version, name, target)
    recorded, found = digests.get(name), folder_digest(target)
    if found != recorded:
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink()
        where = f"version {version}, {name}"
        raise InputError(where, f"what was published, with the digest {recorded}", f"one with {found}")
