"""A digest of the image files that cells name: they are data too, though not inside any table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from components.source.source import ITEMS, Source
from modules.roles import Encoding, Roles

_ROWS = 50_000


def image_files_digest(source: Source, roles: Roles) -> str:
    """Hex digest of name, size and time of change of every image file that the items name; "" without any.

    The files' content is not read: catalogues hold gigabytes of pictures. A file that is missing counts as such; the
    run refuses it later, with its row.
    """
    names = [column.name for column in roles.columns if column.encoding is Encoding.IMAGE]
    if source.folder is None or not names:
        return ""
    digests = sorted(_digest(Path(source.folder) / path) for name in names for path in _paths(source, roles, name))
    return hashlib.sha256("".join(digests).encode()).hexdigest() if digests else ""


def _paths(source: Source, roles: Roles, name: str) -> Iterator[str]:
    """The paths in a column; none where the cells hold the images themselves."""
    for partition in source.partitions(ITEMS, _ROWS, [roles.item_id, name]):
        for _, chunk in partition.read():
            if pa.types.is_string(chunk[name].type) or pa.types.is_large_string(chunk[name].type):
                yield from chunk[name].drop_null().to_pylist()


def _digest(file: Path) -> str:
    try:
        stat = file.stat()
    except OSError:
        return hashlib.sha256(f"{file}: missing".encode()).hexdigest()
    return hashlib.sha256(f"{file}: {stat.st_size} {stat.st_mtime_ns}".encode()).hexdigest()
