"""What retrieval and ranking say of the same candidates of the eval queries, for fitting the blend."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from modules.blend_fit import StageScores
from modules.index.index import build_index
from modules.item_popularity import ItemPopularity
from modules.raw_columns import serialized_batches
from modules.restored_models import RestoredModels
from modules.roles import RELEVANT, SEEN
from modules.serving.age_table import AgeTable, search_on_sale
from modules.serving.popularity_table import PopularityTable
from modules.serving.query import asked_at
from modules.serving.tables import CatalogueTable

QUERIES_AT_ONCE, MAX_BATCHES = 128, 40
Positions = npt.NDArray[np.int32]


def eval_stage_scores(
    folder: str, table: CatalogueTable, models: RestoredModels, depth: int, time: str | None = None
) -> tuple[StageScores, Positions]:
    """Scores of the `depth` best candidates of each eval query, as the servable will see them.

    Args:
        folder: of the eval split of the queries.
        table: the catalogue.
        models: the trained models.
        depth: candidates a query.
        time: the raw column of a query's moment; None without times.

    Returns:
        the scores, and the positions of the candidates in the catalogue, [Q, depth] int32, -1 for none.
    """
    popularity = table.popularity or ItemPopularity.unknown(len(table.item_ids))
    index = build_index(table.index, popularity.beside(table.vectors), len(table.item_ids))
    known = PopularityTable(popularity, "train")
    ages = AgeTable.of(popularity)
    places = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(tf.constant(table.item_ids), tf.range(len(table.item_ids))), -1
    )
    encodings = tf.constant(table.encodings)
    spec = {name: tf.io.VarLenFeature(kind) for name, kind in models.query_inputs.items()}
    spec |= {name: tf.io.VarLenFeature(tf.string) for name in (SEEN, RELEVANT)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def score(examples: tf.Tensor) -> dict[str, tf.Tensor]:
        raw = tf.io.parse_example(examples, spec)
        seen, relevant = (tf.RaggedTensor.from_sparse(raw.pop(name)) for name in (SEEN, RELEVANT))
        features = models.query_features(raw)
        blocked = seen.with_values(places.lookup(seen.values))
        snapshot = known.served(examples)
        vectors = known.beside(models.query_vector(features), snapshot)
        moments = asked_at(raw, time, examples)
        when = known.when(snapshot, moments)
        retrieval, positions = search_on_sale(index, ages, vectors, when, blocked, None, depth)
        judged = models.rank(features, tf.gather(encodings, tf.maximum(positions, 0)), retrieval)
        wanted = tf.RaggedTensor.to_tensor(relevant.with_values(places.lookup(relevant.values)), -2)
        hits = tf.reduce_any(positions[:, :, None] == wanted[:, None, :], axis=2) & (positions >= 0)
        scored = {"retrieval": retrieval, "positions": positions, "hits": hits, **judged}
        scored |= {"recent": known.recent(positions, snapshot), "unmet": known.unmet(positions)}
        return scored | {"num_relevant": relevant.row_lengths()}

    batches = [
        {name: values.numpy() for name, values in score(examples).items()}
        for examples in serialized_batches(folder, QUERIES_AT_ONCE, MAX_BATCHES)
    ]
    joined = {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}
    kept = joined["num_relevant"] > 0
    scores = StageScores(
        retrieval=joined["retrieval"][kept],
        taken=joined["taken"][kept],
        target=joined["target"][kept] if "target" in joined else None,
        recent=joined["recent"][kept] if popularity.window else None,
        unmet=joined["unmet"][kept] if popularity.unmet is not None else None,
        present=joined["positions"][kept] >= 0,
        hits=joined["hits"][kept],
        num_relevant=joined["num_relevant"][kept].astype(np.int64),
    )
    return scores, joined["positions"][kept]
