from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from datasets.demo_shop.assortment import draw_assortment
from datasets.demo_shop.calendar import END
from datasets.demo_shop.interactions import draw_interactions
from datasets.demo_shop.market import FRESH_BOOST, FRESH_SECONDS, SHARPNESS, Market, market_of
from datasets.demo_shop.people import draw_people
from modules.errors import InputError


def small_market() -> Market:
    """One user who likes the first direction; four items, released one after the other."""
    return Market(
        taste=np.array([[1.0, 0.0]], np.float32),
        place=np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [-1.0, 0.0]], np.float32),
        appeal=np.array([0.0, 0.0, 1.0, 0.0], np.float32),
        released=np.array([0, 10, FRESH_SECONDS, FRESH_SECONDS + 10], np.int64),
    )


def test_weights_by_hand() -> None:
    market = small_market()
    liking = market.liking(np.array([0]))
    np.testing.assert_allclose(liking, [[np.exp(SHARPNESS), 1, np.e, np.exp(-SHARPNESS)]], rtol=1e-5)
    # At FRESH_SECONDS + 5 the first item is old, the second fresh for five seconds more, the last not there yet.
    weights = market.weights(liking, np.array([FRESH_SECONDS + 5]))
    np.testing.assert_allclose(weights, [[np.exp(SHARPNESS), FRESH_BOOST, FRESH_BOOST * np.e, 0]], rtol=1e-5)


def test_limits_of_release_and_freshness() -> None:
    market = small_market()
    ones = np.ones((3, 4), np.float32)
    weights = market.weights(ones, np.array([0, FRESH_SECONDS, FRESH_SECONDS + 10]))
    # An item is there after, not at, its release, and no longer fresh at the age of FRESH_SECONDS.
    assert weights.tolist() == [[0, 0, 0, 0], [1, FRESH_BOOST, 0, 0], [1, 1, FRESH_BOOST, 0]]


def test_weights_leave_the_liking_alone() -> None:
    ones = np.ones((1, 4), np.float32)
    small_market().weights(ones, np.array([0]))
    assert ones.min() == 1


def test_saved_market_is_the_same(tmp_path: Path) -> None:
    market = small_market()
    market.save(tmp_path / "oracle.npz")
    loaded = Market.load(tmp_path / "oracle.npz")
    for name in ("taste", "place", "appeal", "released"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(market, name))


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the oracle of a demo shop"):
        Market.load(tmp_path / "absent.npz")
    np.savez(tmp_path / "other.npz", taste=np.zeros(3))
    with pytest.raises(InputError, match="the oracle of a demo shop"):
        Market.load(tmp_path / "other.npz")


def test_first_choices_follow_the_law() -> None:
    """Of many users with one taste, the share that takes an item first is its probability."""
    people, assortment = draw_people(6_000, 5), draw_assortment(20, 5)
    market = market_of(people, assortment)
    alike = Market(np.repeat(market.taste[:1], 6_000, axis=0), market.place, market.appeal, np.zeros(20, np.int64))
    (rows,) = draw_interactions(12_000, people, assortment, alike, 5)
    first = rows.item[np.unique(rows.user, return_index=True)[1]]
    observed = np.bincount(first, minlength=20) / len(first)
    law = alike.weights(alike.liking(np.array([0])), np.array([END]))[0]
    expected = law / law.sum()
    # Four standard deviations of a binomial share.
    np.testing.assert_array_less(np.abs(observed - expected), 4 * np.sqrt(expected / len(first)) + 1e-9)
