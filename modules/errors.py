"""The one kind of error a user can cause, and mend."""

from __future__ import annotations


class InputError(ValueError):
    """Bad flags, configuration, schema or data.

    The runners print it as a single line and exit with status 2. Anything else that escapes is a bug.

    Args:
        where: the place to look at: table, column, row, file, key or line.
        expected: what would have been right.
        received: what was found there; long values are cut to 120 characters.
    """

    def __init__(self, where: str, expected: str, received: object) -> None:
        text = " ".join(str(received).split())
        shown = text if len(text) <= 120 else f"{text[:117]}..."
        super().__init__(f"{where}: expected {expected}, received {shown}")
        self.where = where
        self.expected = expected
        self.received = shown

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str, str]]:
        """Crosses process boundaries as what it was made of."""
        return (InputError, (self.where, self.expected, self.received))
