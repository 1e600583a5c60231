"""What a training found out on the eval split, so that a later one need not ask."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from modules.errors import InputError
from modules.history import Recency
from modules.item_item.choice import ItemItemChoice

CHOICE_FILE = "training.json"


@dataclasses.dataclass(frozen=True)
class TrainingChoice:
    """How long a model was trained, and with which settings.

    Attributes:
        passes: over the data, until the weights that were kept.
        planned: passes that the learning rate's way down was laid out for.
        settings: plain values, none left open any more.
        recency: how the past fades in the query tower; None where that was not chosen.
        item_item: the item-item weights beside the towers; None for none.
    """

    passes: int
    planned: int
    settings: Mapping[str, Any]
    recency: Recency | None = None
    item_item: ItemItemChoice | None = None

    def write(self, folder: str) -> None:
        """Writes the file."""
        tf.io.gfile.makedirs(folder)
        with tf.io.gfile.GFile(os.path.join(folder, CHOICE_FILE), "w") as file:
            file.write(json.dumps(dataclasses.asdict(self), indent=2) + "\n")

    @classmethod
    def read(cls, folder: str) -> TrainingChoice:
        """Reads the file.

        Raises:
            InputError: it is missing or broken.
        """
        path = os.path.join(folder, CHOICE_FILE)
        try:
            with tf.io.gfile.GFile(path) as file:
                found = json.loads(file.read())
            recency = Recency(**found["recency"]) if found["recency"] else None
            item_item = ItemItemChoice.of(found["item_item"]) if found["item_item"] else None
            return cls(int(found["passes"]), int(found["planned"]), dict(found["settings"]), recency, item_item)
        except (tf.errors.OpError, ValueError, KeyError, TypeError) as error:
            raise InputError(path, "what a training chose, as this pipeline writes it", error) from error


def epochs_kept(stopping: tf.keras.callbacks.EarlyStopping, ran: int) -> int:
    """After how many epochs the model had the weights that it has after a training.

    Args:
        stopping: was told to restore the best weights.
        ran: how many epochs there were.
    """
    return ran if stopping.best_weights is None else int(stopping.best_epoch) + 1
