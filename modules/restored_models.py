"""The two trained models and the Transform graph, put together again without the code that trained them."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from modules.catalogue import item_inputs
from modules.roles import Roles
from modules.training_data import query_inputs
from modules.transform_graph import TransformGraph


class RestoredRetrieval(tf.Module):
    """The retrieval towers on raw columns."""

    def __init__(self, graph: TransformGraph, roles: Roles, folder: str) -> None:
        """Loads the SavedModel that `modules.retrieval.save` wrote to `folder`."""
        super().__init__(name="retrieval")
        self._graph, self._roles = graph, roles
        loaded = tf.saved_model.load(folder)
        # Only the towers are kept: the Transform graph inside the loaded model would be a second copy of it.
        self._query, self._candidate = loaded.query, loaded.candidate

    @property
    def query_inputs(self) -> Mapping[str, tf.DType]:
        """Raw columns of a query and their types."""
        return self._graph.dtypes(query_inputs(self._roles))

    @property
    def item_inputs(self) -> Mapping[str, tf.DType]:
        """Raw columns of an item and their types."""
        return self._graph.dtypes(item_inputs(self._roles))

    def query_features(self, raw: Mapping[str, tf.SparseTensor]) -> dict[str, tf.Tensor]:
        """Transformed columns of queries."""
        return self._graph({name: raw[name] for name in self.query_inputs})

    def query_vector(self, features: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """[batch, D] float32 vectors of queries."""
        return self._query.call(dict(features))

    def candidate_features(self, raw: Mapping[str, tf.SparseTensor]) -> dict[str, tf.Tensor]:
        """Transformed columns of items."""
        return self._graph({name: raw[name] for name in self.item_inputs})

    def candidate_vector(self, features: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """[batch, D] float32 vectors of items."""
        return self._candidate.call(dict(features))


class RestoredModels(RestoredRetrieval):
    """The retrieval towers and the ranker: what `modules.serving.towers.Towers` asks for."""

    def __init__(self, graph: TransformGraph, roles: Roles, retrieval_folder: str, ranking_folder: str) -> None:
        """Loads both SavedModels."""
        super().__init__(graph, roles, retrieval_folder)
        loaded = tf.saved_model.load(ranking_folder)
        self._query_encoder, self._candidate_encoder, self._judge = loaded.query, loaded.candidate, loaded.judge

    def candidate_encoding(self, features: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """[batch, E] float32 encodings of items for the ranker."""
        return self._candidate_encoder.call(dict(features))

    def rank(
        self, features: Mapping[str, tf.Tensor], encodings: tf.Tensor, retrieval: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Judges the candidates of queries.

        Args:
            features: transformed columns of queries.
            encodings: [batch, K, E] float32.
            retrieval: [batch, K] float32 retrieval scores; the ranker does without them.

        Returns:
            "taken" [batch, K] float32 logits and, with a target, "target" [batch, K] float32.
        """
        del retrieval
        judged: dict[str, tf.Tensor] = self._judge.call(self._query_encoder.call(dict(features)), encodings)
        return judged
