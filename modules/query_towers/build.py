"""From the configuration to a query tower."""

from __future__ import annotations

import tensorflow as tf

from modules.candidate_tower import CandidateTower
from modules.query_towers.features import FeatureTower
from modules.query_towers.fold_in import FoldInTower
from modules.query_towers.history import HistoryTower
from modules.query_towers.mf import MatrixFactorisationTower
from modules.query_towers.recurrent import RecurrentEncoder
from modules.query_towers.sequence import SequenceTower
from modules.query_towers.transformer import TransformerEncoder
from modules.retrieval_plan import RetrievalPlan
from modules.training_data import TrainingData


def build_query_tower(
    data: TrainingData, plan: RetrievalPlan, candidate_tower: CandidateTower
) -> tf.keras.layers.Layer:
    """The tower that the configuration asks for: features [batch, …] → [batch, dimension + 1] float32.

    Args:
        data: tells the columns and the sizes of vocabularies.
        plan: the configuration, with what the data decided.
        candidate_tower: whose embedding of ids a sequence tower may share.
    """
    if plan.query_tower == "mf":
        return MatrixFactorisationTower(data, plan)
    if plan.query_tower == "features":
        return FeatureTower(data, plan)
    if plan.solves_for_users:
        return FoldInTower(data, plan)
    if plan.query_tower == "history":
        return HistoryTower(data, plan)
    encoder = (
        TransformerEncoder(plan.dimension, plan.history_length, dropout=plan.vector_dropout)
        if plan.query_tower == "transformer"
        else RecurrentEncoder(plan.query_tower, plan.dimension, plan.vector_dropout)
    )
    shared = candidate_tower.item_id if plan.shared_item_embedding else None
    return SequenceTower(
        data.roles, data.graph, encoder, plan.dimension, plan.history_length, shared, data.positive_min
    )
