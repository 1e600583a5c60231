"""The trained ranker as a SavedModel."""

from __future__ import annotations

import os
from pathlib import Path

import tensorflow as tf

from modules.catalogue import item_inputs
from modules.exported_function import ExportedFunction
from modules.rankers.candidate_encoder import CandidateEncoder
from modules.rankers.judge import Judge
from modules.rankers.query_encoder import QueryEncoder
from modules.serving.id_table import IdTable
from modules.training_data import TrainingData, query_inputs


class ExportedRanker(tf.Module):
    """Its three parts, each a restorable function, and a signature of raw examples.

    After loading, they are `.query.call` and `.candidate.call`, of transformed columns, and `.judge.call`.
    """

    def __init__(
        self,
        query: QueryEncoder,
        candidate: CandidateEncoder,
        judge: Judge,
        encodings: tf.Tensor,
        data: TrainingData,
        asset_dir: Path,
    ) -> None:
        """Traces the three parts.

        Args:
            query, candidate, judge: the trained parts.
            encodings: [num_items, width] float32 of the catalogue.
            data: what they were trained on.
            asset_dir: where the vocabulary of ids is kept until the model is saved.
        """
        super().__init__(name="ranker")
        self._roles, self.graph = data.roles, data.graph
        self.query = ExportedFunction(lambda features: query(features), [data.query_specs()], query.variables)
        self.candidate = ExportedFunction(
            lambda features: candidate(features), [data.catalogue.specs()], candidate.variables
        )
        query_width = self.query.call.get_concrete_function().structured_outputs.shape[-1]
        self.judge = ExportedFunction(
            lambda query, candidates: judge(query, candidates),
            [tf.TensorSpec([None, query_width]), tf.TensorSpec([None, None, encodings.shape[-1]])],
            judge.variables,
        )
        self._ids = IdTable([bytes(item) for item in data.catalogue.ids], asset_dir / "items.txt")
        self._encodings = tf.Variable(encodings, trainable=False, name="encodings")

    def save(self, folder: str) -> None:
        """Writes the SavedModel.

        "serving_default" maps serialised interactions to "taken" (a probability) and, with a target, "target" in its
        units, [batch] float32 each.
        """
        signature = tf.function(
            self._judge_interactions, input_signature=[tf.TensorSpec([None], tf.string, name="examples")]
        )
        tf.saved_model.save(self, folder, signatures={"serving_default": signature})
        tf.io.gfile.makedirs(os.path.join(folder, "assets.extra"))

    def _judge_interactions(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        queries, items = query_inputs(self._roles), item_inputs(self._roles)
        raw = self.graph.parse(examples, sorted({*queries, *items}))
        query = self.query.call(self.graph({name: raw[name] for name in queries}))
        judged = self.judge.call(query, self._encoded(raw, items)[:, None, :])
        result = {"taken": tf.sigmoid(judged["taken"][:, 0])}
        return result | ({"target": judged["target"][:, 0]} if "target" in judged else {})

    def _encoded(self, raw: dict[str, tf.SparseTensor], items: list[str]) -> tf.Tensor:
        """[batch, width] encodings of the interactions' items.

        Of the catalogue's items they are at hand, as in serving: interactions come without the images of their items.
        An item that came later is encoded from its columns.
        """
        described = self.candidate.call(self.graph({name: raw[name] for name in items}))
        rows = self._ids.positions(tf.sparse.to_dense(raw[self._roles.item_id], "")[:, 0])
        known = tf.gather(self._encodings, tf.maximum(rows, 0))
        return tf.where((rows >= 0)[:, None], known, described)
