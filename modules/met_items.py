"""Which items a retrieval model met in training: a list that stands beside its weights."""

from __future__ import annotations

import os
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.catalogue import Catalogue

MET_ITEMS_FILE = os.path.join("assets.extra", "met_items.txt")


def write_met_items(model: str, ids: Iterable[bytes]) -> None:
    """Writes the ids of the items into the folder of a SavedModel; no id has a line break."""
    path = os.path.join(model, MET_ITEMS_FILE)
    tf.io.gfile.makedirs(os.path.dirname(path))
    with tf.io.gfile.GFile(path, "wb") as file:
        file.write(b"".join(item + b"\n" for item in ids))


def unmet_items(model: str, catalogue: Catalogue) -> npt.NDArray[np.bool_] | None:
    """[num_items] bool: what the model never met; None where it met everything, or does not say."""
    path = os.path.join(model, MET_ITEMS_FILE)
    if not tf.io.gfile.exists(path):  # a model that was published before there was such a list
        return None
    with tf.io.gfile.GFile(path, "rb") as file:
        met = set(file.read().split(b"\n")[:-1])
    unmet = np.array([bytes(item) not in met for item in catalogue.ids])
    return unmet if unmet.any() else None
