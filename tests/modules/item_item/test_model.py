"""Item-item weights as a part of the retrieval model: chosen, written, and made again."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf

from modules.item_item import beside
from modules.item_item.choice import ItemItemChoice
from modules.item_item.weights import ItemItem
from modules.retrieval import retrain, save, train
from modules.retrieval_model import RetrievalModel
from modules.training_choice import TrainingChoice
from tests.gadget_run import RETRIEVAL, GadgetRun

CHOICE = ItemItemChoice(regularisation=5.0, weight=2.0, scale=0.5)
CONFIG = dataclasses.replace(RETRIEVAL, item_item=True, epochs=2)


@pytest.fixture(scope="module")
def chosen(gadgets_run: GadgetRun) -> tuple[RetrievalModel, TrainingChoice]:
    """A model beside which there are weights, whatever eval says of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(beside, "fit_item_item", lambda *_: CHOICE)
        tf.keras.utils.set_random_seed(1)
        model = RetrievalModel(gadgets_run.data, CONFIG, 1)
        return model, train(model, gadgets_run.data, 1, None, quiet=True)[1]


def _vectors(model: RetrievalModel, run: GadgetRun) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    queries = {name: tf.constant(run.data.eval[name]) for name in run.data.query_specs()}
    return model.query_vectors(queries).numpy(), model.candidate_vectors(tf.range(24)).numpy()


def test_coordinates_stand_in_front(gadgets_run: GadgetRun, chosen: tuple[RetrievalModel, TrainingChoice]) -> None:
    """The bias stays last, and the score is the sum of both."""
    model, choice = chosen
    assert choice.item_item == CHOICE
    queries, items = _vectors(model, gadgets_run)
    rank = items.shape[1] - CONFIG.dimension - 1  # type: ignore[operator]
    assert rank > 0 and (queries[:, -1] == 1).all()
    part = ItemItem(gadgets_run.data, model.candidate_tower.described, CHOICE)
    added = part.query({name: tf.constant(gadgets_run.data.eval[name]) for name in gadgets_run.data.query_specs()})
    weights = added.numpy() @ gadgets_run.data.catalogue.encoded(part.candidate).T
    np.testing.assert_allclose(queries @ items.T, weights + queries[:, rank:] @ items[:, rank:].T, rtol=1e-3, atol=1e-4)


def test_what_is_written_is_what_was_trained(
    gadgets_run: GadgetRun, chosen: tuple[RetrievalModel, TrainingChoice], tmp_path: Path
) -> None:
    model, _ = chosen
    save(model, gadgets_run.data, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    asked = tf.constant(gadgets_run.records("interactions", "eval"))
    listed = tf.constant(gadgets_run.records("candidates", "catalogue"))
    queries, items = _vectors(model, gadgets_run)
    written = loaded.signatures["serving_default"](examples=asked)["vector"].numpy()
    np.testing.assert_allclose(written, queries, rtol=1e-4, atol=1e-5)
    vectors = loaded.signatures["candidates"](examples=listed)["vector"].numpy()
    np.testing.assert_allclose(vectors, items, rtol=1e-4, atol=1e-5)


def test_a_refit_makes_them_again(
    gadgets_run: GadgetRun, chosen: tuple[RetrievalModel, TrainingChoice], tmp_path: Path
) -> None:
    """Of what it learns from, by what was chosen before: on the same rows they are the same."""
    model, choice = chosen
    choice.write(str(tmp_path))
    again = RetrievalModel(gadgets_run.data, model.plan, 1)
    retrain(again, gadgets_run.data, TrainingChoice.read(str(tmp_path)), None)
    rank = _vectors(model, gadgets_run)[0].shape[1] - model.plan.dimension - 1
    (queries, items), (queries_before, items_before) = _vectors(again, gadgets_run), _vectors(model, gadgets_run)
    np.testing.assert_allclose(queries[:, :rank], queries_before[:, :rank], rtol=1e-3, atol=1e-4)
    known = gadgets_run.data.item_spectrum.takers > 0  # of the others the towers' encoding of columns has its say
    np.testing.assert_allclose(items[known, :rank], items_before[known, :rank], rtol=1e-3, atol=1e-4)
