"""From what a user writes after `--data` to a source."""

from __future__ import annotations

from components.source.credentials import is_url
from components.source.folder import FolderSource
from components.source.source import Source
from components.source.sql import SqlSource
from modules.errors import InputError


def open_source(location: str) -> Source:
    """Opens a place with the tables.

    Args:
        location: a SQLAlchemy URL, redacted or not, or a folder of `.parquet` or `.csv` files named after the tables.

    Raises:
        InputError: a bad URL, a driver that is not installed, no such SQLite file or folder, or a table there twice.
    """
    if not location.strip():
        raise InputError("source", "a SQLAlchemy URL or a folder", "nothing")
    return SqlSource(location) if is_url(location) else FolderSource(location)
