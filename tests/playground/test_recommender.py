"""Both backends answer alike, and say clearly why they don't."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from playground.reasons import because, reasons
from playground.recommender import (
    LocalServable,
    Question,
    Recommender,
    ServedModel,
    Shown,
    Unavailable,
    cosines,
    served_versions,
)
from tests.model_server.server import ModelServer, one_model
from tests.playground.shop_root import NEWER, OLDER, SHOP, SIZE


@pytest.fixture(scope="module")
def local(shop_root: Path) -> Recommender:
    return Recommender(LocalServable(shop_root / "serving" / "recommender" / str(OLDER)))


@pytest.fixture(scope="module")
def server(shop_root: Path) -> Iterator[ModelServer]:
    config = one_model("recommender", shop_root / "serving" / "recommender")
    config.model_config_list.config[0].model_version_policy.all.SetInParent()
    with ModelServer(config, poll_seconds=3600) as server:
        yield server


def test_over_rest_as_here(local: Recommender, server: ModelServer) -> None:
    served = Recommender(ServedModel(server.url, OLDER))
    for question in (Question("u1"), Question("", ("i4", "i5"), ("i7",)), Question("nobody")):
        for ask in ("recommend", "retrieval"):
            ours, theirs = getattr(local, ask)(question, 5), getattr(served, ask)(question, 5)
            assert [one.item for one in ours] == [one.item for one in theirs]
            assert [one.score for one in ours] == pytest.approx([one.score for one in theirs])
    assert [one.title for one in served.recommend(Question("u1"), 1)] == [
        f"Title {one.item}" for one in local.recommend(Question("u1"), 1)
    ]
    assert served.similar(["i1", "gone"], 2)[1] == [] and not served.is_empty()
    assert served_versions(server.url) == [OLDER, NEWER]


def test_seen_and_excluded_items_stay_away(local: Recommender) -> None:
    everything = local.recommend(Question("u1"), SIZE)
    assert {one.item for one in everything} == {f"i{n}" for n in range(SIZE)} - {"i4", "i5"}
    own = local.recommend(Question("", ("i9",), ("i3",)), SIZE)
    assert {one.item for one in own} == {f"i{n}" for n in range(SIZE)} - {"i9", "i3"}


def test_why_it_does_not_answer(server: ModelServer, tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        for ask in (lambda: served_versions(url), lambda: Recommender(ServedModel(url)).is_empty()):
            with pytest.raises(Unavailable, match=f"no model server at {url}"):
                ask()
    with pytest.raises(Unavailable, match="version 9"):
        Recommender(ServedModel(server.url, 9)).is_empty()
    with pytest.raises(Unavailable, match="another"):
        served_versions(server.url, "another")
    with pytest.raises(Unavailable, match="no address"):
        served_versions("localhost")
    with pytest.raises(Unavailable, match="cannot be loaded"):
        LocalServable(tmp_path / "gone")


def test_cosines(local: Recommender) -> None:
    items = ["i1", "i2", "i3", "i4"]
    vectors = np.array([SHOP.vectors[int(item[1:]), :-1] for item in items], np.float64)
    expected = vectors @ vectors.T / np.linalg.norm(vectors, axis=1) / np.linalg.norm(vectors, axis=1)[:, None]
    np.testing.assert_allclose(cosines(local, items, SIZE), expected, atol=1e-5)


def test_a_pair_that_is_not_near_counts_as_the_last_that_is() -> None:
    class Near(Recommender):
        def similar(self, items: object, k: int) -> list[list[Shown]]:
            return [[Shown("b", "", 0.9)], [Shown("a", "", 0.9)], [Shown("x", "", 0.2)]]

    found = cosines(Near(None), ["a", "b", "c"], 1)  # type: ignore[arg-type]
    assert found.tolist() == [[1.0, 0.9, 0.2], [0.9, 1.0, 0.2], [0.2, 0.2, 1.0]]


def test_reasons_are_the_nearest_of_the_history() -> None:
    class Near(Recommender):
        def similar(self, items: object, k: int) -> list[list[Shown]]:
            assert items == ["new", "old"]
            return [[Shown("a", "", 0.5), Shown("b", "", -0.1)], [Shown("a", "", 0.7)]]

    found = reasons(Near(None), ["a", "b"], ["new", "old", "new"])  # type: ignore[arg-type]
    assert found == {"a": [Shown("old", "", 0.7), Shown("new", "", 0.5)], "b": []}
    assert because(found["a"], {"old": "Old hat"}) == "Old hat (0.70), new (0.50)"
