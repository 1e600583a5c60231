"""Tables at the edge of what can be learned from."""

from __future__ import annotations

import numpy as np

from tests.e2e.conftest import RunShop
from tests.e2e.recommender import answers, example


def test_two_users_three_items_one_interaction_each(run_shop: RunShop) -> None:
    """And no test rows, and batches larger than the data or of one."""
    run = run_shop("least")
    assert run.status == 0, run.error
    assert run.scorecard["data"]["split_rows"] == {"train": 1, "eval": 1, "test": 0}
    recommender = run.recommender()
    assert set(recommender.recommend_ids("a", 10)) == {"y", "z"}
    assert set(recommender.recommend_ids("b", 10)) == {"x", "z"}
    assert set(recommender.recommend_ids("c", 10)) == {"x", "y", "z"}


def test_columns_that_say_nothing(run_shop: RunShop) -> None:
    """One value, or none, in a column; fewer items than are asked for; only new users in test; a constant target."""
    run = run_shop("dull")
    assert run.status == 0, run.error
    assert run.scorecard["data"]["split_rows"]["test"] > 0
    recommender = run.recommender()
    asked = recommender.ask("serving_default", user_id=["0", "9", "nobody"])
    assert asked["item_id"].shape == (3, 10)
    assert all(answers(asked))
    assert len(answers(asked)[2]) == 8
    scores = recommender.ask("score", user_id=["0"], item_id=["3"])["score"]
    np.testing.assert_allclose(scores, [3.0], atol=0.5)  # every rating was 3
    outputs = recommender.ask("recommend", user_id=["nobody"], history=[[""]], exclude=[[""]], k=8)
    titles = dict(zip(outputs["item_id"][0].tolist(), outputs["title"][0].tolist(), strict=True))
    assert titles[b"4"] == b"T4"
    assert titles[b"3"] == b""
    described = example(colour="never seen", size=3.5, tags=["x"], title="", brand="other")
    (like,) = answers(recommender.ask("items_like", examples=[described], k=8))
    assert all(np.isfinite(score) for _, score in like)


def test_nothing_to_measure_with_is_refused(run_shop: RunShop) -> None:
    """No user takes anything in eval: no evidence, so no push; said in one line."""
    run = run_shop("unmeasurable")
    assert run.status == 2
    assert run.error.count("\n") == 1
    assert "eval" in run.error
    assert not (run.root / "serving" / "recommender").exists()
