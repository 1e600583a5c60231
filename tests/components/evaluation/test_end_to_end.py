"""The evaluation of the servable, against what follows from its answers by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from components.artifacts import Metrics
from components.candidate_index.files import IndexedCatalogue
from components.evaluation.answers import ACTIVITY, EvaluatedCatalogue, PublishedModel, ask_queries, item_counts
from components.evaluation.item_groups import POPULARITY_OF_ITEM, category_groups
from components.evaluation.query_values import POPULARITY, PUBLISHED, RECOMMENDER, RETRIEVAL, QueryValues
from components.evaluation.ranking_errors import predict
from components.evaluation.samples import nearest, sample_recommendations
from components.evaluation.systems import Systems as Answers
from components.folder_digest import folder_digest
from modules.roles import RELEVANT, SEEN, Part, Roles
from tests import gadgets
from tests.gadget_run import GadgetRun
from tests.modules.examples import values

IDS = [row["item_id"].encode() for row in gadgets.items()]


@pytest.fixture(scope="module")
def metrics(gadgets_run: GadgetRun) -> dict[str, Any]:
    """What the component wrote."""
    folder = gadgets_run.artifact("EndToEndEvaluation", "metrics").uri
    found: dict[str, Any] = json.loads((Path(folder) / Metrics.FILE).read_text())
    return found


@pytest.fixture(scope="module")
def answers(gadgets_run: GadgetRun) -> Answers:
    """Answers to the queries of eval."""
    counts = item_counts(gadgets_run.split("interactions", "train"), gadgets_run.roles, IDS)
    folder = gadgets_run.split("queries", "eval")
    catalogue = EvaluatedCatalogue(IDS, counts)
    return ask_queries(folder, gadgets_run.servable, catalogue, gadgets_run.roles, ["city", "age"])[0]


def test_item_counts(answers: Answers) -> None:
    liked = [row["item_id"] for row in gadgets.of_split("train") if row["stars"] >= gadgets.POSITIVE_MIN]
    assert answers.counts.tolist() == [liked.count(row["item_id"]) for row in gadgets.items()]


def test_popularity_is_the_most_taken_unseen_items(gadgets_run: GadgetRun, answers: Answers) -> None:
    for record, row in zip(gadgets_run.records("queries", "eval"), answers.answers[POPULARITY], strict=True):
        seen = set(values(record).get(SEEN, []))
        shown = [IDS[place] for place in row if place >= 0]
        assert not seen & set(shown) and len(shown) == len(set(shown)) == len(IDS) - len(seen)
        taken = answers.counts[row[row >= 0]]
        assert (np.diff(taken) <= 0).all()


@pytest.mark.parametrize("system", [POPULARITY, RETRIEVAL, RECOMMENDER])
def test_metrics_by_hand(gadgets_run: GadgetRun, answers: Answers, metrics: dict[str, Any], system: str) -> None:
    gains, recalls = [], []
    for record, row in zip(gadgets_run.records("queries", "eval"), answers.answers[system], strict=True):
        relevant = {IDS.index(item) for item in values(record)[RELEVANT]}
        hits = [place for place, item in enumerate(row[:10]) if item in relevant]
        ideal = sum(1 / math.log2(place + 2) for place in range(min(10, len(relevant))))
        gains.append(sum(1 / math.log2(place + 2) for place in hits) / ideal)
        recalls.append(len(hits) / len(relevant))
    found = metrics["eval"][system]
    assert found["ndcg@10"] == pytest.approx(np.mean(gains))
    assert found["recall@10"] == pytest.approx(np.mean(recalls))
    assert found["queries"] == len(gains)


def test_slices_part_the_queries(gadgets_run: GadgetRun, metrics: dict[str, Any]) -> None:
    queries = [values(record) for record in gadgets_run.records("queries", "eval")]
    found = metrics["slices"]["eval"]
    assert {part["column"] for part in found} == {"city", "age", ACTIVITY, POPULARITY_OF_ITEM, "genres", "shelf"}
    cities = {part["value"]: part["queries"] for part in found if part["column"] == "city"}
    names = [query["city"][0].decode() if query.get("city") else "(missing)" for query in queries]
    assert cities == {name: names.count(name) for name in names}
    for column in ("city", "age", ACTIVITY):
        parts = [part for part in found if part["column"] == column]
        assert sum(part["queries"] for part in parts) == len(queries)
        total = sum(part["queries"] * part["metrics"]["ndcg@10"] for part in parts)
        assert total / len(queries) == pytest.approx(metrics["eval"][RECOMMENDER]["ndcg@10"])
    lengths = [len(query.get(SEEN, [])) for query in queries]
    activity = {part["value"]: part["queries"] for part in found if part["column"] == ACTIVITY}
    assert activity == {"new: no history": lengths.count(0), "1–9 items": sum(0 < n < 10 for n in lengths)}


def test_differences(answers: Answers, metrics: dict[str, Any]) -> None:
    for other, (mean, low, high) in metrics["difference"]["eval"].items():
        here = answers.metrics()
        assert mean == pytest.approx(here[RECOMMENDER]["ndcg@10"] - here[other]["ndcg@10"])
        assert low <= mean <= high


def test_errors_of_the_ranker(gadgets_run: GadgetRun, metrics: dict[str, Any]) -> None:
    judge = tf.saved_model.load(gadgets_run.model("Trainer.ranking"))
    records = gadgets_run.records("interactions", "test")
    predicted = judge.signatures["serving_default"](examples=tf.constant(records))["target"].numpy()
    errors = predicted - [values(record)["stars"][0] for record in records]
    assert metrics["ranking"]["test"] == {
        "rmse": pytest.approx(np.sqrt(np.mean(errors**2)), rel=1e-5),
        "mae": pytest.approx(np.abs(errors).mean(), rel=1e-5),
        "rows": len(records),
    }
    bare = Roles(tuple(column for column in gadgets_run.roles.columns if column.part is not Part.TARGET))
    without = predict(gadgets_run.split("interactions", "test"), judge, bare).metrics()
    assert set(without) == {"auc", "log_loss", "rows"} and 0 <= without["auc"] <= 1


def test_no_interactions_no_errors(gadgets_run: GadgetRun, tmp_path: Path) -> None:
    judge = tf.saved_model.load(gadgets_run.model("Trainer.ranking"))
    assert predict(str(tmp_path), judge, gadgets_run.roles).metrics() == {}


def test_samples(gadgets_run: GadgetRun, metrics: dict[str, Any]) -> None:
    rows = {row["item_id"]: row for row in gadgets.items()}
    assert len(metrics["samples"]) == 5
    titles_of = {(row["title"] or row["item_id"]) for row in rows.values()}
    for sample in metrics["samples"]:
        mine = [row for row in gadgets.interactions() if row["user_id"] == sample["user_id"]]
        newest = sorted(mine, key=lambda row: row["time"])[-4:]
        assert sample["history"] == [rows[row["item_id"]]["title"] or row["item_id"] for row in newest]
        assert len(sample["items"]) == 5
        for item in sample["items"]:
            assert item["item_id"] not in {row["item_id"] for row in mine}
            assert item["title"] == (rows[item["item_id"]]["title"] or item["item_id"])
            assert len(item["because"]) <= 2 and set(item["because"]) <= titles_of
    folder, titles = gadgets_run.split("queries", "serving"), [b""] * len(IDS)
    indexed = IndexedCatalogue.read(gadgets_run.artifact("CandidateIndexer", "index").uri)
    one, other = (
        sample_recommendations(folder, gadgets_run.servable, indexed, titles, gadgets_run.roles, seed)
        for seed in (1, 2)
    )
    assert [sample["user_id"] for sample in one] != [sample["user_id"] for sample in other]
    assert one[0]["history"][0] in {item.decode() for item in IDS}  # no title, so the id is shown


def test_reasons_are_near_without_their_bias() -> None:
    vectors = np.array([[1, 0, 0], [2, 0, 9], [1, 1, 0], [-1, 0, 0], [0, 1, 9], [3, 1, 0], [0, 0, 5]], np.float32)
    assert nearest(vectors, 0, [3, 2, 1, 2, 4]) == [1, 2]  # cosines -1, .71, 1, .71, 0
    assert nearest(vectors, 0, [5, 2, 1]) == [1, 5]
    assert nearest(vectors, 0, [3, 4, 6]) == []  # against it, at right angles to it, without a direction
    assert nearest(vectors, 0, []) == []


def test_intervals(answers: Answers, metrics: dict[str, Any]) -> None:
    for system, found in answers.intervals(1).items():
        assert list(found) == ["ndcg@10", "recall@100"]
        for name, (low, high) in found.items():
            assert low <= metrics["eval"][system][name] <= high
    assert answers.intervals(1) == answers.intervals(1)
    nobody = Answers({"popularity": np.empty((0, 1), np.int64)}, [], {}, answers.counts, np.empty(0, np.int64))
    assert nobody.intervals(1) == {"popularity": {}}


def asked(run: GadgetRun, model: Any, same_schema: bool, split: str = "eval") -> Answers:
    """With `model` as the published one."""
    catalogue = EvaluatedCatalogue(IDS, np.zeros(len(IDS), np.int64), [b""] * len(IDS))
    folder = run.split("queries", split)
    return ask_queries(folder, run.servable, catalogue, run.roles, [], PublishedModel(model, same_schema))[0]


def test_a_published_servable_answers_the_same_queries(gadgets_run: GadgetRun) -> None:
    answers = asked(gadgets_run, gadgets_run.servable, same_schema=True).answers
    assert answers[PUBLISHED].tolist() == answers[RECOMMENDER].tolist()


class Recorder:
    """A servable of another schema: knows ids alone, and other items; notes what it is asked."""

    def __init__(self) -> None:
        self.signatures = {"recommend": self.recommend}
        self.requests: list[tuple[bytes, list[bytes], list[bytes]]] = []

    def recommend(self, user_id: Any, history: Any, exclude: Any, k: Any) -> dict[str, tf.Tensor]:
        for user, past, seen in zip(user_id.numpy(), history.numpy(), exclude.numpy(), strict=True):
            self.requests.append((user, [item for item in past if item], [item for item in seen if item]))
        return {"item_id": tf.tile(tf.constant([[b"gone", b"i03"]]), [len(user_id), 1])[:, :k]}


def test_one_of_another_schema_is_asked_by_ids(gadgets_run: GadgetRun) -> None:
    recorder = Recorder()
    answers = asked(gadgets_run, recorder, same_schema=False).answers[PUBLISHED]
    assert answers.tolist() == [[-1, 3]] * len(answers)  # what it knows and the catalogue lacks is a miss
    queries = [values(record) for record in gadgets_run.records("queries", "eval")]
    histories = [query.get("history", []) for query in queries]
    assert [] in histories
    # Without a history, one of an unknown item keeps the servable from taking the one that it has itself.
    expected = [
        (query["user_id"][0], past or [b"(nothing)"], query.get(SEEN, []))
        for query, past in zip(queries, histories, strict=True)
    ]
    assert recorder.requests == expected


def test_query_values(gadgets_run: GadgetRun, metrics: dict[str, Any]) -> None:
    found = QueryValues.read(gadgets_run.artifact("EndToEndEvaluation", "metrics").uri)
    assert set(found.overall.values) == {RECOMMENDER, POPULARITY}  # nothing was published before
    for system, each in found.overall.values.items():
        assert each.mean() == pytest.approx(metrics["eval"][system]["ndcg@10"])
    queries = [values(record) for record in gadgets_run.records("queries", "eval")]
    users = [query["user_id"][0] for query in queries]
    same = [[one == other for other in users] for one in users]
    assert (found.overall.users[:, None] == found.overall.users).tolist() == same
    reported = {(part["column"], part["value"]): part for part in metrics["slices"]["eval"]}
    assert {(part.column, part.value) for part in found.slices} == set(reported)
    for part in found.slices:
        one = reported[part.column, part.value]
        assert len(part.users) == one["queries"]
        assert part.values[RECOMMENDER].mean() == pytest.approx(one["metrics"][part.metric])
        items = part.column in (POPULARITY_OF_ITEM, "genres", "shelf")
        assert part.metric == ("recall@100" if items else "ndcg@10")


def test_slices_of_items_count_their_own_items_only(gadgets_run: GadgetRun, metrics: dict[str, Any]) -> None:
    queries = [values(record) for record in gadgets_run.records("queries", "eval")]
    genres = {row["item_id"].encode(): row["genres"] for row in gadgets.items()}
    found = {part["value"]: part["queries"] for part in metrics["slices"]["eval"] if part["column"] == "genres"}
    for genre in ("action", "drama", "long", "noir"):
        holding = [query for query in queries if any(genre in genres[item] for item in query[RELEVANT])]
        assert found.get(genre, 0) == len(holding)
    groups = {
        group.value: group for group in category_groups(gadgets_run.split("candidates", "catalogue"), gadgets_run.roles)
    }
    assert [IDS[place] for place in np.flatnonzero(groups["noir"].members)] == [b"i23"]
    assert {"0", "1", "2"} <= set(groups)  # of the column shelf


def test_integrity(metrics: dict[str, Any]) -> None:
    found = metrics["integrity"]
    # u07's copied row has an item and a time of its own.
    assert found["duplicates"] == {"queries": 0.0, "rows": 0.0}
    assert found["vocabulary"] == {"users": 1.0, "items": 1.0}
    assert found["index_share"] == 1.0
    assert found["answers"]["titles_right"] == 1.0
    assert set(found["leaks"]) == {"device", "age", "city", "blank", "genres", "shelf", "price", "sizes", "nothing"}
    assert max(found["leaks"].values()) < 0.5


def test_the_evidence_says_what_it_is_about(gadgets_run: GadgetRun, metrics: dict[str, Any]) -> None:
    digests = metrics["evidence_of"]
    assert set(digests) == {"servable", "index", "queries"}
    assert digests["servable"] == folder_digest(Path(gadgets_run.model("RecommenderBuilder")))
    assert digests["index"] == folder_digest(Path(gadgets_run.artifact("CandidateIndexer", "index").uri))
    assert digests["queries"] == folder_digest(Path(gadgets_run.split("queries", "eval")))
