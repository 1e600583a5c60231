"""What serving needs of the trained models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import tensorflow as tf


class Towers(Protocol):
    """The trained models behind one interface; a `tf.Module`, so that their variables are saved with the servable.

    Raw inputs are SparseTensors [B, n], n ≥ 1: row b holds the values of the column for query (or item) b, none if it
    is missing. Every item of a batch must be computed on its own.

    """

    @property
    def query_inputs(self) -> Mapping[str, tf.DType]:
        """Raw columns a query is made of and their types (string, int64 or float32).

        These are the user id, the history, with a target the history_target, and user and context columns.
        """

    @property
    def item_inputs(self) -> Mapping[str, tf.DType]:
        """Raw columns an item is made of, with its id, and their types."""

    def query_features(self, raw: Mapping[str, tf.SparseTensor]) -> dict[str, tf.Tensor]:
        """Raw columns → what the towers take."""

    def query_vector(self, features: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """→ [B, D] float32."""

    def rank(
        self, features: Mapping[str, tf.Tensor], encodings: tf.Tensor, retrieval: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Judges K items for each query.

        Args:
            features: of the B queries.
            encodings: [B, K, E] float32 of the items.
            retrieval: [B, K] float32 inner products of query and item vectors.

        Returns:
            "taken" [B, K] float32 and, if there is a target, "target" [B, K] float32 in its units.
        """

    def candidate_features(self, raw: Mapping[str, tf.SparseTensor]) -> dict[str, tf.Tensor]:
        """Raw columns of M items → what the candidate tower takes."""

    def candidate_vector(self, features: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """→ [M, D] float32."""

    def candidate_encoding(self, features: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """→ [M, E] float32."""
