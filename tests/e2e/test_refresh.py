"""The catalogue changes between two nights: the published models over the items of today.

Whether what is new is also placed where it belongs is in test_refresh_taste.py: these models are hardly trained.
"""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.report.run import PUSHED
from modules.command_line import BAD_INPUT
from tests.e2e.conftest import Finished, RunShop, run_pipeline
from tests.e2e.recommender import Recommender, answers, example
from tests.e2e.shop import HOUR, Shop, picture
from tests.e2e.shops import BUYER, NEWCOMER, database_shop
from tests.e2e.stores import as_sqlite

GONE, RENAMED, TWINS, TAKEN = 105, 108, (500, 501), 110
EVERYTHING = 40  # more than there are items


def later_shop() -> Shop:
    """The shop with an item gone, one renamed, two new ones that differ in their ids alone, and a new interaction."""
    shop = database_shop()
    items: list[dict[str, Any]] = [dict(item) for item in shop.items if item["sku"] != GONE]
    for item in items:
        if item["sku"] == RENAMED:
            item["name"] = "Tea number 8, now with milk"
    new = {"name": "Tea number 77", "genres": "tea|new", "price": 9.0, "photo": picture(4), "note": ""}
    last = max(row["at"] for row in shop.interactions)
    taken = {"customer": NEWCOMER, "sku": TAKEN, "at": last + HOUR, "stars": 5.0, "device": "phone"}
    return dataclasses.replace(
        shop,
        items=[*items, *({"sku": twin, **new} for twin in TWINS)],
        interactions=[*shop.interactions, taken],
    )


@dataclasses.dataclass(frozen=True)
class Refreshed:
    """The versions before and after, and the refresh itself."""

    before: Path
    run: Finished
    folder: Path

    def again(self) -> Finished:
        """The same once more."""
        return run_pipeline(self.run.shop, f"sqlite:///{self.folder / 'data' / 'shop.db'}", self.folder, *FLAGS)


FLAGS = ("--refresh-catalogue",)


@pytest.fixture(scope="module")
def refreshed(run_shop: RunShop, tmp_path_factory: pytest.TempPathFactory) -> Refreshed:
    first = run_shop("sqlite")
    folder = tmp_path_factory.mktemp("refresh")
    # Of the first run nothing but what it published.
    for part in ("recommender", "baseline"):
        shutil.copytree(
            first.root / "serving" / part / first.model.name, folder / "root" / "serving" / part / first.model.name
        )
    (folder / "data").mkdir()
    shop = later_shop()
    run = run_pipeline(shop, as_sqlite(shop, folder / "data"), folder, *FLAGS)
    assert run.status == PUSHED, run.error
    return Refreshed(folder / "root" / "serving" / "recommender" / first.model.name, run, folder)


@pytest.fixture(scope="module")
def recommender(refreshed: Refreshed) -> Recommender:
    return refreshed.run.recommender()


@pytest.fixture(scope="module")
def catalogue(refreshed: Refreshed) -> list[str]:
    return [str(item["sku"]) for item in refreshed.run.shop.items]


def test_published_without_training(refreshed: Refreshed) -> None:
    card = refreshed.run.scorecard
    made = {component["id"] for component in card["components"]}
    assert made >= {"PublishedRecommender", "CandidateIndexer", "RecommenderBuilder", "ServableCheck", "Pusher"}
    assert not [name for name in made if name.startswith(("Trainer", "Transform", "Tuner", "Evaluator"))]
    assert str(card["run"]["models_of"]) == refreshed.before.name < refreshed.run.model.name
    gates = {gate["name"]: gate["value"] for gate in card["gates"]}
    assert gates["refresh_items_kept"] == pytest.approx(29 / 30)
    assert gates["refresh_index_recall"] == 1.0


def test_what_is_gone_is_gone_from_every_answer(
    refreshed: Refreshed, recommender: Recommender, catalogue: list[str]
) -> None:
    gone = str(GONE)
    assert gone in Recommender(refreshed.before).recommend_ids("nobody", EVERYTHING)
    users = [str(user) for user in [*range(40), BUYER, NEWCOMER]]
    lists: dict[str, Any] = {"history": [[""]] * len(users), "exclude": [[""]] * len(users), "k": EVERYTHING}
    examples = [example(customer=user) for user in users]
    described = [example(genres=["tea"]), example(name="Tools number 5"), example()]
    asked: list[tuple[str, dict[str, Any]]] = [
        ("serving_default", {"user_id": users}),
        ("recommend", {"user_id": users, **lists}),
        ("retrieval", {"user_id": users, **lists}),
        ("similar_items", {"item_id": [*catalogue, gone], "k": EVERYTHING}),
        ("serve_examples", {"examples": examples}),
        ("items_like", {"examples": described, "k": EVERYTHING}),
    ]
    for signature, inputs in asked:
        found = {item for answer in answers(recommender.ask(signature, **inputs)) for item, _ in answer}
        assert gone not in found and found <= set(catalogue), signature
    assert answers(recommender.ask("similar_items", item_id=[gone], k=5)) == [[]]
    # What it says of who took it is known still.
    assert len(recommender.recommend("nobody", 5, history=[gone])) == 5


def test_what_is_new_is_known_by_its_columns_alone(recommender: Recommender) -> None:
    one, other = map(str, TWINS)
    for twin, sibling in ((one, other), (other, one)):
        (nearest,) = answers(recommender.ask("similar_items", item_id=[twin], k=3))
        assert nearest[0][0] == sibling and nearest[0][1] == pytest.approx(1, abs=1e-5)
    described = example(name="Tea number 77", genres=["tea", "new"], price=9.0, photo=picture(4))
    (alike,) = answers(recommender.ask("items_like", examples=[described], k=2))
    assert {item for item, _ in alike} == {one, other}
    assert [score for _, score in alike] == pytest.approx([1, 1], abs=1e-5)
    scores = recommender.ask("score", user_id=["0", "0"], item_id=[one, other])["score"]
    assert scores[0] == scores[1] and np.isfinite(scores).all()


def test_everything_is_in_reach(recommender: Recommender, catalogue: list[str]) -> None:
    assert set(recommender.recommend_ids("nobody", EVERYTHING)) == set(catalogue)


def test_the_newest_interactions_count(refreshed: Refreshed, recommender: Recommender) -> None:
    assert str(TAKEN) in Recommender(refreshed.before).recommend_ids(str(NEWCOMER), EVERYTHING)
    assert str(TAKEN) not in recommender.recommend_ids(str(NEWCOMER), EVERYTHING)


def test_titles_are_those_of_today(recommender: Recommender) -> None:
    answer = recommender.ask("recommend", user_id=["nobody"], history=[[""]], exclude=[[""]], k=EVERYTHING)
    titles = dict(zip(answer["item_id"][0].tolist(), answer["title"][0].tolist(), strict=True))
    assert titles[str(RENAMED).encode()] == b"Tea number 8, now with milk"
    assert titles[str(TWINS[0]).encode()] == b"Tea number 77"


def test_the_same_again_publishes_nothing(refreshed: Refreshed) -> None:
    again = refreshed.again()
    assert again.status == PUSHED, again.error
    assert {component["state"] for component in again.scorecard["components"]} == {"cached"}
    versions = {path.name for path in refreshed.before.parent.iterdir()}
    assert versions == {refreshed.before.name, refreshed.run.model.name}


def test_another_schema_needs_a_training(refreshed: Refreshed) -> None:
    schema = refreshed.run.shop.schema + "# another one\n"
    run = run_pipeline(
        dataclasses.replace(refreshed.run.shop, schema=schema),
        f"sqlite:///{refreshed.folder / 'data' / 'shop.db'}",
        refreshed.folder,
        *FLAGS,
    )
    assert run.status == BAD_INPUT
    assert f"the schema of version {refreshed.run.model.name}, whose models are taken" in run.error
    assert run.error.rstrip().endswith("another one: train anew")
