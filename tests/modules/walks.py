"""Users who walk through the items of a small catalogue, as training data that needs no pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from modules.candidate_tower import CandidateTower
from modules.catalogue import Catalogue
from modules.catalogue_model import CatalogueModel
from modules.column import Column, Encoding, Part, Table
from modules.query_towers.sequence import SequenceTower
from modules.retrieval_config import RetrievalConfig
from modules.retrieval_plan import DataSize, RetrievalPlan
from modules.roles import HISTORY, WEIGHT, Roles
from modules.sequence_training import NextItemLoss
from modules.training_data import CANDIDATE_ROW, MOMENT, TrainingData

ROLES = Roles(
    (
        Column("who", "bytes", part=Part.USER_ID),
        Column("what", "bytes", part=Part.ITEM_ID),
        Column("when", "int", part=Part.TIME),
        Column("mood", "bytes", table=Table.CONTEXT, encoding=Encoding.CATEGORICAL),
    )
)


class Vocabularies:
    """Stands for a `TransformGraph` as far as towers ask it."""

    def __init__(self, **sizes: int) -> None:
        self._sizes = sizes

    def vocabulary_size(self, name: str) -> int:
        """How many values a column has."""
        return self._sizes[name]


def walks(users: Sequence[Sequence[int]], items: int, moments: Sequence[Sequence[int]] | None = None) -> TrainingData:
    """Data in which each user took some items, one a second.

    Args:
        users: the items of each, rows of the catalogue; the vocabulary counts them from the other end.
        items: size of the catalogue.
        moments: of each item, instead.
    """
    lengths = [len(taken) for taken in users]
    n = sum(lengths)
    moments = moments or [range(length) for length in lengths]
    train: dict[str, Any] = {
        "who": np.repeat(np.arange(len(users)), lengths),
        "mood": np.zeros(n, np.int64),
        "time_features": np.zeros((n, 4), np.float32),
        "what": items - 1 - np.concatenate([*users]).astype(np.int64),
        CANDIDATE_ROW: np.concatenate([*users]).astype(np.int64),
        MOMENT: np.concatenate([*moments]).astype(np.int64),
        WEIGHT: np.ones(n, np.float32),
        HISTORY: np.full((n, 1), -1),
    }
    catalogue = Catalogue(np.arange(items).astype(object), {"what": np.arange(items)[::-1].copy()})
    graph: Any = Vocabularies(who=len(users), what=items, mood=2)
    return TrainingData(ROLES, graph, catalogue, train, {name: values[:0] for name, values in train.items()})


class WalkModel(CatalogueModel):
    """A sequence tower and a candidate tower that share their embedding of items."""

    def __init__(self, data: TrainingData, encoder: Any, dimension: int, length: int, loss: NextItemLoss) -> None:
        super().__init__(data.catalogue)
        config = RetrievalConfig(query_tower="transformer", dimension=dimension, item_id_dropout=0.0)
        plan = RetrievalPlan.of(config, DataSize(1, 1, 1))
        self.candidate_tower = CandidateTower(data.roles, data.graph, plan)
        shared = self.candidate_tower.item_id
        self.query_tower = SequenceTower(data.roles, data.graph, encoder, dimension, length, shared)
        self._loss = loss

    def candidate_vectors(self, rows: tf.Tensor, training: bool = False) -> tf.Tensor:
        """[n, dimension + 1] vectors of the items in [n] rows of the catalogue."""
        return self.of_items(self.candidate_tower, rows, training)

    def compute_loss(self, inputs: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Of a batch of `SequenceBatches`."""
        loss = self._loss(self, inputs, training=training)
        self.mean_loss.update_state(loss)
        return loss
