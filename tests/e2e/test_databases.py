"""The same tables give the same recommender whatever database they are in."""

from __future__ import annotations

from tests.e2e.conftest import RunShop


def test_postgresql_equals_sqlite(run_shop: RunShop) -> None:
    one, other = run_shop("sqlite"), run_shop("postgresql")
    assert (one.status, other.status) == (0, 0), one.error + other.error
    for part in ("metrics", "ranking", "slices", "differences", "samples", "curves", "data"):
        assert one.scorecard[part] == other.scorecard[part], part
    assert one.shop.users
    users = [str(row["customer"]) for row in one.shop.users]
    asked = {"user_id": users, "history": [[""]] * len(users), "exclude": [[""]] * len(users), "k": 30}
    for signature in ("recommend", "retrieval"):
        first, second = (run.recommender().ask(signature, **asked) for run in (one, other))
        for output in ("item_id", "score", "title"):
            assert first[output].tolist() == second[output].tolist(), (signature, output)
