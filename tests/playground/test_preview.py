"""The preview of rules and diversity is what the servable would do."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.serving.reranking import rerank
from modules.serving.rules import Rules
from playground.preview import previewed
from playground.recommender import Shown

CODES = {"red": 0, "green": 1, "blue": 2}


def shown(scores: list[float]) -> list[Shown]:
    return [Shown(f"i{place}", "", score) for place, score in enumerate(scores)]


def ids(found: list[Shown]) -> list[str]:
    return [one.item for one in found]


@st.composite
def lists(draw: st.DrawFn) -> tuple[list[float], list[list[str]], int, int]:
    # Whole numbers apart, so that rounding in one and two precisions does not decide.
    size = draw(st.integers(1, 7))
    scores = sorted(draw(st.lists(st.integers(0, 50), min_size=size, max_size=size, unique=True)), reverse=True)
    colours = [draw(st.lists(st.sampled_from(list(CODES)), max_size=2, unique=True)) for _ in range(size)]
    return [float(score) for score in scores], colours, draw(st.integers(1, 8)), draw(st.integers(0, 99))


@settings(max_examples=30)
@given(lists(), st.sampled_from([0.0, 0.3, 0.7]), st.sampled_from([0, 1, 2]))
def test_as_the_servable(drawn: tuple[list[float], list[list[str]], int, int], diversity: float, cap: int) -> None:
    scores, colours, k, seed = drawn
    vectors = np.random.default_rng(seed).normal(size=(len(scores), 4)).astype(np.float32)
    codes = np.array([[CODES[one] for one in row] + [-1] * (2 - len(row)) for row in colours], np.int32)
    caps = {"colour": cap} if cap else {}
    order = rerank(
        tf.constant([scores]),
        tf.constant(vectors[None]),
        {"colour": tf.constant(codes[None])},
        k,
        diversity=diversity,
        caps=caps,
    ).numpy()[0]
    unit = vectors.astype(np.float64) / np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    found = previewed(
        shown(scores),
        k,
        diversity,
        unit @ unit.T,
        Rules(cap=caps),
        {"colour": {f"i{place}": row for place, row in enumerate(colours)}},
    )
    assert ids(found) == [f"i{place}" for place in order if place >= 0]


def test_pins_come_first_in_their_order_and_denied_ones_never() -> None:
    rules = Rules(deny=("i1", "i4"), pin=("i3", "i4", "i2", "gone"))
    assert ids(previewed(shown([5, 4, 3, 2, 1]), 4, rules=rules)) == ["i3", "i2", "i0"]


def test_pins_count_for_caps_but_do_not_yield_to_them() -> None:
    colours = {"colour": {"i0": ["red"], "i1": ["blue"], "i2": ["red"], "i3": ["red"]}}
    rules = Rules(pin=("i2", "i3"), cap={"colour": 1})
    assert ids(previewed(shown([4, 3, 2, 1]), 4, rules=rules, categories=colours)) == ["i2", "i3", "i1", "i0"]


def test_diversity_by_hand() -> None:
    # Scaled: 1, 0.9, 0. After i0: 0.5 · 0.9 - 0.5 · 1 = -0.05 against 0.5 · 0 - 0.5 · (-1) = 0.5.
    cosines = np.array([[1, 1, -1], [1, 1, -1], [-1, -1, 1]], np.float64)
    assert ids(previewed(shown([10, 9, 0]), 3, 0.5, cosines)) == ["i0", "i2", "i1"]


def test_nothing() -> None:
    assert previewed([], 3, 0.5, np.empty((0, 0))) == []
