"""Which items a retrieval model met in training, and which it had in vain: lists that stand beside its weights."""

from __future__ import annotations

import os
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.catalogue import Catalogue
from modules.ragged import Ints

MET_ITEMS_FILE = os.path.join("assets.extra", "met_items.txt")
PASSED_ITEMS_FILE = os.path.join("assets.extra", "passed_items.txt")
Bools = npt.NDArray[np.bool_]


def write_met_items(model: str, catalogue: Catalogue, met: Ints) -> None:
    """Writes both lists into the folder of a SavedModel; no id has a line break.

    Args:
        model: the folder.
        catalogue: that the model learned with.
        met: [n] rows of what somebody met. The others were passed over by everybody.
    """
    passed = np.ones(len(catalogue.ids), bool)
    passed[met] = False
    _write(os.path.join(model, MET_ITEMS_FILE), catalogue.ids[met])
    _write(os.path.join(model, PASSED_ITEMS_FILE), catalogue.ids[passed])


def unmet_items(model: str, catalogue: Catalogue) -> Bools | None:
    """[num_items] bool: what the model never met; None where it met everything, or does not say."""
    met = _listed(os.path.join(model, MET_ITEMS_FILE), catalogue)
    return None if met is None or met.all() else ~met


def passed_items(model: str, catalogue: Catalogue) -> Bools | None:
    """[num_items] bool: what stood in the model's catalogue while nobody took it; None where the model does not say.

    What came to the catalogue later was not met either, but there is nothing to be held against it.
    """
    return _listed(os.path.join(model, PASSED_ITEMS_FILE), catalogue)


def _write(path: str, ids: Iterable[bytes]) -> None:
    tf.io.gfile.makedirs(os.path.dirname(path))
    with tf.io.gfile.GFile(path, "wb") as file:
        file.write(b"".join(item + b"\n" for item in ids))


def _listed(path: str, catalogue: Catalogue) -> Bools | None:
    """[num_items] whether an item is on a list; None without a list."""
    if not tf.io.gfile.exists(path):  # a model that was published before there was such a list
        return None
    with tf.io.gfile.GFile(path, "rb") as file:
        listed = set(file.read().split(b"\n")[:-1])
    return np.array([bytes(item) in listed for item in catalogue.ids])
