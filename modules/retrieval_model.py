"""The two towers of retrieval, and what they are trained for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from modules.candidate_tower import CandidateTower
from modules.catalogue_model import CatalogueModel
from modules.item_item.choice import ItemItemChoice
from modules.item_item.weights import ItemItem
from modules.linear_candidate_tower import LinearCandidateTower
from modules.objectives.in_batch import InBatchSoftmax
from modules.objectives.objective import Objective
from modules.objectives.sequences import Sequences
from modules.objectives.user_sets import UserSets
from modules.objectives.user_vectors import UserVectors
from modules.query_towers.build import build_query_tower
from modules.retrieval_config import RetrievalConfig
from modules.retrieval_plan import DataSize, RetrievalPlan
from modules.roles import Table
from modules.training_data import TrainingData


class RetrievalModel(CatalogueModel):
    """The two towers and their objective.

    Attributes:
        plan: the configuration, with what the data decided.
        query_tower, candidate_tower: the towers.
        objective: feeds examples and measures the loss.
        item_item: what stands beside the towers once they are trained, None for nothing.
    """

    def __init__(self, data: TrainingData, config: RetrievalConfig | RetrievalPlan, seed: int) -> None:
        """Builds the towers for the columns and vocabularies of the data.

        Args:
            data: also decides what the configuration leaves open.
            config: or a plan, which leaves nothing open.
            seed: orders the examples.
        """
        super().__init__(data.catalogue)
        self.plan = config if isinstance(config, RetrievalPlan) else RetrievalPlan.of(config, size_of(data))
        roles, graph = data.roles, data.graph
        self.candidate_tower = (
            LinearCandidateTower(roles, graph, self.plan.dimension)
            if self.plan.solves_for_users
            else CandidateTower(roles, graph, self.plan)
        )
        self.query_tower = build_query_tower(data, self.plan, self.candidate_tower)
        self.objective = self._objective(data, seed)
        # Keras keeps the weights of what the model itself refers to.
        self.users = self.objective.table if isinstance(self.objective, UserVectors) else None
        self.item_item: ItemItem | None = None

    def _objective(self, data: TrainingData, seed: int) -> Objective:
        if self.plan.solves_for_users:
            return UserVectors(data, self.plan, seed)
        if self.plan.learns_from_sequences:
            return Sequences(data, self.plan, seed)
        if self.plan.learns_from_sets:
            sets = UserSets(data, self.plan, seed)
            if self.plan.loss == "squared_error":
                self.candidate_tower.begin_biases(data.catalogue.columns[data.roles.item_id], sets.popularity())
            return sets
        return InBatchSoftmax(data, self.plan, seed)

    def put_beside(self, data: TrainingData, choice: ItemItemChoice) -> None:
        """Puts item-item weights beside the towers, which are trained."""
        self.item_item = ItemItem(data, self.candidate_tower.described, choice)

    def query_vectors(self, features: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """[n, D] vectors of queries, of transformed columns [n, …]; D is dimension + 1 without item-item weights."""
        vectors = self.query_tower(features)
        return tf.concat([self.item_item.query(features), vectors], axis=1) if self.item_item else vectors

    def candidate_vectors(self, rows: tf.Tensor, training: bool = False) -> tf.Tensor:
        """[n, D] vectors of the items in [n] rows of the catalogue."""
        return self.of_items(self.candidates, rows, training)

    def candidates(self, features: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """[n, D] vectors of items, of transformed columns [n, …]."""
        vectors = self.candidate_tower(features, training=training)
        return tf.concat([self.item_item.candidate(features), vectors], axis=1) if self.item_item else vectors

    def compute_loss(self, inputs: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """[] float32 mean loss of a batch of the objective's examples."""
        loss = self.objective.loss(self, inputs, training)
        self.mean_loss.update_state(loss)
        return loss


def size_of(data: TrainingData) -> DataSize:
    """How large the data is."""
    positives = data.positives(data.train)
    users = len(np.unique(data.train[data.roles.user_id][positives]))
    in_order, described = data.protocol == "next_item", bool(data.roles.features(Table.ITEM))
    return DataSize(users, len(data.catalogue.ids), len(positives), in_order, described)
