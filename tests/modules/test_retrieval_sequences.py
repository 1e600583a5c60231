"""Retrieval with towers that read histories in order: from examples to a written model."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from modules.retrieval import save
from modules.retrieval_config import QueryTowerName
from modules.retrieval_model import RetrievalModel
from modules.training_data import CANDIDATE_ROW
from tests.gadget_run import RETRIEVAL, GadgetRun


@pytest.mark.parametrize("tower", ["transformer", "gru"])
def test_from_examples_to_vectors(gadgets_run: GadgetRun, tmp_path: Path, tower: QueryTowerName) -> None:
    """Users of even number take even items; whoever reads their histories knows."""
    tf.keras.utils.set_random_seed(4)
    data = gadgets_run.data
    model = RetrievalModel(data, dataclasses.replace(RETRIEVAL, query_tower=tower, loss=None, vector_dropout=0.0), 4)
    assert model.plan.loss == "softmax"
    model.compile(model.objective.optimizer(12 * model.objective.steps()))
    losses = model.fit(model.objective.dataset(), epochs=12, verbose=0).history["mean_loss"]
    assert losses[-1] < losses[0]
    save(model, data, str(tmp_path))

    records = gadgets_run.records("interactions", "eval")
    trained = model.query_tower({name: tf.constant(data.eval[name]) for name in data.query_specs()}).numpy()
    loaded = tf.saved_model.load(str(tmp_path))
    written = loaded.signatures["serving_default"](examples=tf.constant(records))["vector"].numpy()
    np.testing.assert_allclose(written, trained, rtol=1e-4, atol=1e-5)
    assert written.shape == (len(records), model.plan.dimension + 1)

    items = model.candidate_vectors(tf.range(22))
    best = tf.math.top_k(tf.matmul(trained, items, transpose_b=True), 5).indices.numpy()
    assert (best % 2 == (data.eval[CANDIDATE_ROW] % 2)[:, None]).mean() > 0.8
