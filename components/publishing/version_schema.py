"""The schema that a published version was made with, among the artifacts of the root that published it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from modules.errors import InputError
from modules.roles import read_schema_text

_PLACES = ("artifacts/*/schema/*/schema.pbtxt", "inputs/*/schema.pbtxt")  # the latter: of earlier runs


def version_schema(root: Path, manifest: dict[str, Any]) -> str:
    """The annotated schema's text.

    Args:
        root: of the runs.
        manifest: of the version; says which schema by its digest.

    Raises:
        InputError: it is not there any more.
    """
    digest = str(manifest.get("schema_digest"))
    for place in _PLACES:
        for path in sorted(root.glob(place)):
            text = read_schema_text(path)
            if hashlib.sha256(text.encode()).hexdigest().startswith(digest):
                return text
    where = f"{root / 'artifacts'}, version {manifest.get('version')}"
    raise InputError(where, f"the schema that it was made with (digest {digest})", "none")
