"""New and removed items of a shop in which people keep to their kind: a refresh places what is new where it belongs."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.e2e.conftest import run_pipeline
from tests.e2e.recommender import Recommender, answers
from tests.e2e.shop import HOUR, START, Shop, feature
from tests.e2e.stores import as_csv
from tests.lenient_gate import LENIENT

KINDS, OF_A_KIND, USERS, TAKEN = 6, 8, 180, 5
NEW = [f"new{kind}" for kind in range(KINDS)]
GONE = "0-3"
NEAR = OF_A_KIND  # as many as an item's kind has others after the refresh, of 53 items in all
TOP = 5  # of their kind, people have not taken three old items and the new one
SETTINGS = f"""
seed = 7
[retrieval]
loss = "in_batch"
epochs = 20
batch_size = 64
dimension = 16
[ranking]
dimension = 8
hidden = [16]
batch_size = 128
{LENIENT}"""


def taste_shop() -> Shop:
    """Items of six kinds, half of each of one brand; users who take five of the eight items of theirs, and another."""
    schema = (
        feature("user", "BYTES", "user_id")
        + feature("item", "BYTES", "item_id")
        + feature("at", "INT", "time")
        + feature("kind", "BYTES", "item", "categorical")
        + feature("brand", "BYTES", "item", "categorical")
    )
    items = [
        {"item": f"{kind}-{number}", "kind": f"kind {kind}", "brand": f"brand {kind} {number % 2}"}
        for kind in range(KINDS)
        for number in range(OF_A_KIND)
    ]
    rng = np.random.default_rng(1)
    rows = []
    for user in range(USERS):
        own = [f"{user % KINDS}-{number}" for number in rng.choice(OF_A_KIND, TAKEN, replace=False)]
        rows += [(user, item) for item in [*own, items[int(rng.integers(len(items)))]["item"]]]
    interactions = [
        {"user": f"u{user}", "item": item, "at": START + HOUR * place}
        for place, (user, item) in enumerate(rows[row] for row in rng.permutation(len(rows)))
    ]
    return Shop(schema, SETTINGS, interactions, items)


def after(shop: Shop) -> Shop:
    """With a new item of each kind, of its first brand, and without an old one."""
    kept = [item for item in shop.items if item["item"] != GONE]
    new = [{"item": name, "kind": f"kind {kind}", "brand": f"brand {kind} 0"} for kind, name in enumerate(NEW)]
    return dataclasses.replace(shop, items=[*kept, *new])


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recommender, Recommender]:
    """Before and after."""
    shop, found = taste_shop(), []
    folder = tmp_path_factory.mktemp("taste")
    for name, tables, flags in (("data", shop, ()), ("later", after(shop), ("--refresh-catalogue",))):
        (folder / name).mkdir()
        found.append(run_pipeline(tables, as_csv(tables, folder / name), folder, *flags).model)
    assert found[0] != found[1]
    return Recommender(found[0]), Recommender(found[1])


def lists(recommender: Recommender, signature: str, k: int) -> list[list[str]]:
    """Of every user."""
    nothing = [[""]] * USERS
    asked = {"user_id": [f"u{user}" for user in range(USERS)], "history": nothing, "exclude": nothing, "k": k}
    return [[item for item, _ in answer] for answer in answers(recommender.ask(signature, **asked))]


def test_a_new_item_is_near_its_relatives(versions: tuple[Recommender, Recommender]) -> None:
    _, refreshed = versions
    relatives = {name: [f"{kind}-{number}" for number in (0, 2, 4, 6)] for kind, name in enumerate(NEW)}
    for name, of_its_brand in relatives.items():
        asked = [item for item in of_its_brand if item != GONE]
        near = answers(refreshed.ask("similar_items", item_id=asked, k=NEAR))
        for item, answer in zip(asked, near, strict=True):
            assert name in [one for one, _ in answer], (name, item)


@pytest.mark.parametrize("signature", ["retrieval", "recommend"])
def test_a_new_item_is_for_those_whose_taste_is_of_its_kind(
    versions: tuple[Recommender, Recommender], signature: str
) -> None:
    _, refreshed = versions
    shown = np.array([[name in answer for name in NEW] for answer in lists(refreshed, signature, TOP)])
    own = np.arange(USERS)[:, None] % KINDS == np.arange(KINDS)
    for kind, name in enumerate(NEW):
        share, others = shown[own[:, kind], kind].mean(), shown[~own[:, kind], kind].mean()
        assert share > 0.8 and others < 0.1, (name, share, others)


def test_what_is_gone_never_comes_back(versions: tuple[Recommender, Recommender]) -> None:
    before, refreshed = versions
    size = KINDS * OF_A_KIND + len(NEW)  # more than there are
    for signature in ("retrieval", "recommend"):
        assert any(GONE in answer for answer in lists(before, signature, TOP))
        found = {item for answer in lists(refreshed, signature, size) for item in answer}
        assert GONE not in found and set(NEW) <= found
    (near,) = answers(before.ask("similar_items", item_id=["0-1"], k=NEAR))
    assert GONE in [item for item, _ in near]
    catalogue = [item["item"] for item in after(taste_shop()).items]
    for answer in answers(refreshed.ask("similar_items", item_id=catalogue, k=size)):
        assert GONE not in [item for item, _ in answer]
