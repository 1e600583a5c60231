"""Which errors are a user's to mend, and which are bugs."""

from __future__ import annotations

import errno

from modules.errors import InputError

_FULL_DISK = (errno.ENOSPC, errno.EDQUOT)
_FULL_DISK_WORDS = (
    "No space left on device",  # what is left of an OSError in the texts that Beam and TensorFlow raise
    "Disk quota exceeded",
    "database or disk is full",  # SQLite, below ML Metadata
)


def input_error(error: BaseException) -> InputError | None:
    """The user's mistake behind an error, if it is one: TFX and Beam wrap what their components raise."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, InputError):
            return seen
        full = isinstance(seen, OSError) and seen.errno in _FULL_DISK
        if full or any(words in str(seen) for words in _FULL_DISK_WORDS):
            return InputError("--root", "room for what the run writes", "a full disk")
        seen = seen.__cause__ or seen.__context__
    return None
