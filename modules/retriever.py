"""Retrieval alone as a model of evaluation queries: what the Evaluator judges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.index.index import build_index
from modules.index.plan import IndexPlan
from modules.item_popularity import ItemPopularity
from modules.restored_models import RestoredRetrieval
from modules.roles import SEEN
from modules.serving.age_table import AgeTable, search_on_sale
from modules.serving.id_table import IdTable
from modules.serving.popularity_table import PopularityTable
from modules.serving.query import asked_at

RETURNED = 100


class Retriever(tf.Module):
    """Query tower and index: serialised queries → the best items that the user has not seen."""

    def __init__(
        self,
        towers: RestoredRetrieval,
        item_ids: list[bytes],
        vectors: npt.NDArray[np.float32],
        popularity: ItemPopularity,
        plan: IndexPlan,
        asset_dir: Path,
        time: str | None,
    ) -> None:
        """Builds the index.

        Args:
            towers: of the retrieval model.
            item_ids: of the catalogue.
            vectors: [num_items, D] float32 in the same order.
            popularity: of the same items.
            plan: of the index.
            asset_dir: where the vocabulary of ids is kept until the model is saved.
            time: the raw column of a query's moment; None without times.
        """
        super().__init__(name="retriever")
        asset_dir.mkdir(parents=True, exist_ok=True)
        self._towers = towers
        self._items = IdTable(item_ids, asset_dir / "items.txt")
        self._popularity, self._time = PopularityTable(popularity), time
        self._ages = AgeTable.of(popularity)
        self._index = build_index(plan, popularity.beside(vectors))

    def save(self, folder: str) -> None:
        """Writes a SavedModel: "serving_default" maps serialised tf.Examples of queries [B] to `item_id` [B, 100]."""
        spec = {name: tf.io.VarLenFeature(kind) for name, kind in self._towers.query_inputs.items()}

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
        def retrieve(examples: tf.Tensor) -> dict[str, tf.Tensor]:
            raw = tf.io.parse_example(examples, {**spec, SEEN: tf.io.VarLenFeature(tf.string)})
            seen = tf.RaggedTensor.from_sparse(raw.pop(SEEN))
            vectors = self._towers.query_vector(self._towers.query_features(raw))
            moments = asked_at(raw, self._time, examples)
            when = self._popularity.when(self._popularity.known_at(moments), moments)
            vectors = self._popularity.beside(vectors, when.known)
            blocked = seen.with_values(self._items.positions(seen.values))
            scores, positions = search_on_sale(self._index, self._ages, vectors, when, blocked, None, RETURNED)
            return {"item_id": self._items.ids(positions), "score": tf.where(positions < 0, 0.0, scores)}

        tf.saved_model.save(self, folder, signatures={"serving_default": retrieve})
