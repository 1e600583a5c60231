"""A digest of the project's source code."""

from __future__ import annotations

import hashlib
from pathlib import Path

_PACKAGES = ("components", "modules", "pipeline")


def code_version(project: Path) -> str:
    """Short hex digest of every Python file that decides what a component does.

    TFX's cache looks at a component's inputs and parameters, not at its code; this digest is a parameter.

    Args:
        project: folder of the checkout or of the installed packages.
    """
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for file in sorted((project / package).rglob("*.py")):
            digest.update(str(file.relative_to(project)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
