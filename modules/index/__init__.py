"""Indexes over the catalogue's vectors: given query vectors, the positions of the best items.

TensorFlow is imported only when an index is built, so that a configuration can be checked against `KINDS` at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modules.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modules.index.exact import ExactIndex

KINDS = ("exact",)


def build_index(kind: str, vectors: NDArray[np.float32], size: int | None = None, biases: int = 0) -> ExactIndex:
    """Builds the index called `kind` over `vectors: [N, D] float32`.

    Args:
        kind: one of `KINDS`.
        vectors: one row an item.
        size: how many leading rows can be found; the rest are only kept beside them (default: all can be found).
        biases: how many trailing coordinates say how good an item is rather than what it is like; cosines leave them
            out.

    Raises:
        InputError: there is no such kind of index, or nothing to put into it.
    """
    if kind not in KINDS:
        raise InputError("[serving] index", f"one of {', '.join(KINDS)}", kind)
    from modules.index.exact import ExactIndex

    return ExactIndex(vectors, size, biases)
