"""A published store by its folder or URL."""

from __future__ import annotations

from components.publishing.object_store import PublishedObjects
from components.publishing.store import PublishedStore
from components.publishing.versions import PublishedVersions


def open_store(location: str) -> PublishedVersions:
    """The store at a path (or `file://` URL) or at a URL that fsspec knows, such as `s3://bucket/serving`."""
    scheme, separator, path = location.partition("://")
    if not separator:
        return PublishedStore(location)
    return PublishedStore(path) if scheme == "file" else PublishedObjects(location)
