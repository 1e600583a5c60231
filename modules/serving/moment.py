"""When a query was asked, and what may be known then."""

from __future__ import annotations

import dataclasses

import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class When:
    """Of B queries.

    Attributes:
        known: [B] int32 snapshot of the items' popularity.
        moments: [B] int64 seconds since the epoch; of a query without a moment, that at which the snapshot begins.
    """

    known: tf.Tensor
    moments: tf.Tensor
