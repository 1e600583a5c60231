"""What tells one model from another."""

from __future__ import annotations

import hashlib
from pathlib import Path


def folder_digest(folder: Path) -> str:
    """SHA-256 of the names and contents of all files in a folder, or of a single file, as hex digits."""
    digest = hashlib.sha256()
    for file in [folder] if folder.is_file() else sorted(path for path in folder.rglob("*") if path.is_file()):
        name = b"" if file == folder else file.relative_to(folder).as_posix().encode()
        digest.update(len(name).to_bytes(8, "big") + name + file.stat().st_size.to_bytes(8, "big"))
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
