"""What a published version says of the refresh of the catalogue that made it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from components.publishing.parts import MODELS_DIGEST, MODELS_OF
from components.publishing.versions import PublishedVersions


def refresh_digest(run_digest: str, manifest: Mapping[str, Any]) -> str:
    """Hex digest that two refreshes share if, and only if, they publish the same.

    Args:
        run_digest: of data, code and configuration; empty where these are not known ahead, and so is the result then.
        manifest: of the version whose models are taken.
    """
    if not run_digest:
        return ""
    models = manifest.get(MODELS_DIGEST) or manifest.get("run_digest", "")
    return hashlib.sha256(json.dumps([run_digest, models, "refresh"]).encode()).hexdigest()[:16]


def models_for(store: PublishedVersions, run_digest: str) -> int | None:
    """The version whose models a refresh takes; None if nothing was published yet.

    That is the newest one. But where that is this very refresh, it is the one that it took its models from: a second
    refresh with nothing changed is then served from the cache.
    """
    newest, manifest = store.latest(), store.newest_manifest()
    source = manifest.get(MODELS_OF)
    if run_digest and source in store.versions() and refresh_digest(run_digest, manifest) == manifest.get("run_digest"):
        return int(source)
    return newest
