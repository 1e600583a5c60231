"""Serialised tf.Examples from plain Python values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf


def example(columns: Mapping[str, Any]) -> bytes:
    """One example; a cell is a value or a list of them, and None is a missing one."""
    result = tf.train.Example()
    for name, cell in columns.items():
        values = cell if isinstance(cell, list) else [] if cell is None else [cell]
        feature = result.features.feature[name]
        if not values:
            continue
        if isinstance(values[0], str | bytes):
            feature.bytes_list.value.extend(v.encode() if isinstance(v, str) else v for v in values)
        elif isinstance(values[0], int):
            feature.int64_list.value.extend(values)
        else:
            feature.float_list.value.extend(values)
    return bytes(result.SerializeToString())


def values(serialized: bytes) -> dict[str, list[Any]]:
    """The columns of a serialised example."""
    features = tf.train.Example.FromString(serialized).features.feature
    return {
        name: [*getattr(feature, feature.WhichOneof("kind")).value] if feature.WhichOneof("kind") else []
        for name, feature in features.items()
    }


def joined(*serialized: bytes) -> bytes:
    """One example with the columns of several."""
    result = tf.train.Example()
    for part in serialized:
        result.MergeFromString(part)
    return bytes(result.SerializeToString())
