"""Ids of items or users and their positions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import tensorflow as tf

from modules.errors import InputError


class IdTable(tf.Module):
    """Id → position and back. The ids are a vocabulary file, which becomes an asset of the SavedModel.

    Attributes:
        size: how many ids there are.
    """

    def __init__(self, ids: Sequence[bytes], path: Path) -> None:
        """Writes the vocabulary to `path` (it must stay there until the model is saved).

        Raises:
            InputError: an id is empty, comes twice or holds a line break.
        """
        super().__init__(name=path.stem)
        _check(ids, path.stem)
        self.size = len(ids)
        # TensorFlow refuses an empty file. The line that stands in for no ids has a position beyond `size`.
        path.write_bytes(b"".join(one + b"\n" for one in ids) or b"-\n")
        self._positions = tf.lookup.StaticHashTable(
            tf.lookup.TextFileInitializer(
                str(path),
                key_dtype=tf.string,
                key_index=tf.lookup.TextFileIndex.WHOLE_LINE,
                value_dtype=tf.int64,
                value_index=tf.lookup.TextFileIndex.LINE_NUMBER,
            ),
            default_value=-1,
        )
        self._ids = tf.Variable(tf.constant([*ids, b""], tf.string), trainable=False, name="ids")

    def positions(self, ids: tf.Tensor) -> tf.Tensor:
        """Positions (int32) of `ids` (string) of any shape; -1 for an id that is unknown or empty."""
        positions = self._positions.lookup(ids)
        return tf.cast(tf.where(positions < self.size, positions, -1), tf.int32)

    def ids(self, positions: tf.Tensor) -> tf.Tensor:
        """Ids (string) at `positions` (int32) of any shape; "" for a negative position."""
        return tf.gather(self._ids, tf.where(positions < 0, self.size, positions))


def _check(ids: Sequence[bytes], what: str) -> None:
    """Refuses ids that a vocabulary file or an answer could not tell apart."""
    seen: set[bytes] = set()
    for number, one in enumerate(ids):
        # TensorFlow drops carriage returns when it reads a vocabulary, so such an id would never be found again.
        if not one or b"\n" in one or b"\r" in one:
            raise InputError(f"{what}, row {number}", "an id that is not empty and has no line break", one)
        if one in seen:
            raise InputError(f"{what}, row {number}", "each id once", one)
        seen.add(one)
