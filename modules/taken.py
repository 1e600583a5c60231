"""What was taken, and when."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np

from modules.ragged import Ints

NEVER = np.iinfo(np.int64).max


@dataclasses.dataclass(frozen=True)
class Taken:
    """Positive interactions of one split.

    Attributes:
        rows: [n] int64 rows of the catalogue, none negative.
        moments: [n] int64 seconds since the epoch; None where interactions have no time.
    """

    rows: Ints
    moments: Ints | None


def begins_of(splits: Sequence[Taken]) -> Ints:
    """[splits] the moment from which all up to each split is of the past: that of the first event after it.

    `NEVER` throughout where the splits do not follow each other in time.
    """
    never = np.full(len(splits), NEVER)
    spans = [(part.moments.min(), part.moments.max()) for part in splits if part.moments is not None and len(part.rows)]
    if any(part.moments is None for part in splits) or not len(splits[0].rows):
        return never
    if any(earlier[1] >= later[0] for earlier, later in itertools.pairwise(spans)):
        return never
    firsts = [int(part.moments.min()) if len(part.rows) else NEVER for part in splits[1:] if part.moments is not None]
    begins = np.array([*firsts, spans[-1][1] + 1])
    return np.minimum.accumulate(begins[::-1])[::-1].astype(np.int64)
