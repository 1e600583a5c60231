"""The servable: what it says of raw requests is what the trained models say of the same rows."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import tensorflow as tf

from components.candidate_index.files import IndexedCatalogue
from components.recommender.component import BLEND_FILE
from components.recommender.diversity import DIVERSITY_FILE, STEPS
from components.recommender.stage_scores import eval_stage_scores
from components.recommender.tables import catalogue_table
from components.servable_check.component import SAMPLE_REQUESTS
from modules.blend_fit import fit_blend
from modules.catalogue import read_catalogue
from modules.index.plan import IndexPlan
from modules.item_popularity import ItemPopularity
from modules.restored_models import RestoredModels
from modules.roles import RELEVANT, SEEN
from tests import gadgets
from tests.gadget_run import GadgetRun
from tests.modules.examples import joined, values


def test_score_is_that_of_the_trained_ranker_on_the_raw_row(gadgets_run: GadgetRun) -> None:
    """For every user with what is stored of them, and for items with, without and of unknown features."""
    users, items = gadgets_run.records("queries", "serving"), gadgets_run.records("candidates", "catalogue")
    pairs = [(user, item) for user in users for item in items[::5]]
    ids = [[values(part)[name][0] for part, name in zip(pair, ("user_id", "item_id"), strict=True)] for pair in pairs]
    found = gadgets_run.servable.signatures["score"](
        user_id=tf.constant([user for user, _ in ids]), item_id=tf.constant([item for _, item in ids])
    )["score"].numpy()
    judge = tf.saved_model.load(gadgets_run.model("Trainer.ranking")).signatures["serving_default"]
    expected = judge(examples=tf.constant([joined(*pair) for pair in pairs]))["target"].numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert len(set(np.round(expected, 3))) > 20  # so that equal ones are no accident


def test_retrieval_in_the_servable_is_that_of_the_trained_towers(gadgets_run: GadgetRun) -> None:
    queries = gadgets_run.records("queries", "eval")
    k = tf.constant(gadgets.ITEMS)
    served = gadgets_run.servable.signatures["evaluate_retrieval"](examples=tf.constant(queries), k=k)
    retriever = tf.saved_model.load(gadgets_run.model("CandidateIndexer", "retriever"))
    alone = retriever.signatures["serving_default"](examples=tf.constant(queries))
    np.testing.assert_array_equal(served["item_id"].numpy(), alone["item_id"].numpy()[:, : gadgets.ITEMS])
    np.testing.assert_allclose(served["score"], alone["score"].numpy()[:, : gadgets.ITEMS], rtol=1e-4, atol=1e-5)


def test_stage_scores_and_the_blend(gadgets_run: GadgetRun) -> None:
    roles, folder = gadgets_run.roles, gadgets_run.split("candidates", "catalogue")
    folders = gadgets_run.model("Trainer.retrieval"), gadgets_run.model("Trainer.ranking")
    models = RestoredModels(gadgets_run.graph, roles, *folders)
    indexed = IndexedCatalogue.read(gadgets_run.artifact("CandidateIndexer", "index").uri)
    popularity = ItemPopularity.read(gadgets_run.artifact("CandidateIndexer", "index").uri)
    catalogue = read_catalogue(folder, gadgets_run.graph, roles)
    table = catalogue_table(folder, catalogue, indexed, IndexPlan(), popularity, models, roles, kept=())
    scores, positions = eval_stage_scores(gadgets_run.split("queries", "eval"), table, models, depth=24)

    queries = [values(record) for record in gadgets_run.records("queries", "eval")]
    assert scores.num_relevant.tolist() == [len(query[RELEVANT]) for query in queries]
    assert scores.present.sum(axis=1).tolist() == [24 - len(set(query.get(SEEN, []))) for query in queries]
    assert scores.hits.sum(axis=1).tolist() == [len(set(query[RELEVANT])) for query in queries]
    assert ((positions >= 0) == scores.present).all()
    assert scores.recent is None  # the gadgets' splits do not follow each other in time
    assert scores.target is not None and not scores.retrieval[~scores.present].any()
    judge = tf.saved_model.load(folders[1]).signatures["serving_default"]
    items = dict(zip(indexed.item_ids, gadgets_run.records("candidates", "catalogue"), strict=True))
    record = gadgets_run.records("queries", "eval")[0]
    shown = [item for item in items if item not in queries[0].get(SEEN, [])]
    judged = judge(examples=tf.constant([joined(record, items[item]) for item in shown]))
    found = scores.target[0][scores.present[0]]
    np.testing.assert_allclose(sorted(found), sorted(judged["target"].numpy()), rtol=1e-4, atol=1e-4)

    written = json.loads((Path(gadgets_run.model("RecommenderBuilder")) / "assets.extra" / BLEND_FILE).read_text())
    blend, best, alone = fit_blend(scores)
    assert written["weights"] == dataclasses.asdict(blend)
    assert written["eval"] == {"ndcg@10": best, "retrieval_ndcg@10": alone}


def test_what_diversity_costs_is_measured(gadgets_run: GadgetRun) -> None:
    curve = json.loads((Path(gadgets_run.model("RecommenderBuilder")) / "assets.extra" / DIVERSITY_FILE).read_text())
    assert [point["diversity"] for point in curve] == list(STEPS)
    variety = [point["ild@10"] for point in curve]
    assert variety[-1] > variety[0]


def test_sample_requests_and_warm_up(gadgets_run: GadgetRun) -> None:
    extra = Path(gadgets_run.model("RecommenderBuilder")) / "assets.extra"
    requests = json.loads((extra / SAMPLE_REQUESTS).read_text())
    assert {"serving_default", "recommend", "similar_items", "score", "items_like", "serve_examples"} <= {
        request["signature"] for request in requests
    }
    assert (extra / "tf_serving_warmup_requests").stat().st_size > 0
