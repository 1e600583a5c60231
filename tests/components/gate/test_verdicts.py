"""The gate's rules."""

import dataclasses
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.gate.verdicts import Evidence, GateConfig, Verdict, judge
from modules.errors import InputError


def metrics(popularity: Any, retrieval: Any, recommender: Any) -> dict[str, Any]:
    numbers = {"popularity": popularity, "retrieval": retrieval, "recommender": recommender}
    return {"eval": {who: {"ndcg@10": number} for who, number in numbers.items()}}


GOOD = Evidence(True, True, 0.96, metrics(0.1, 0.2, 0.2))


def refused(evidence: Evidence, limits: GateConfig | None = None) -> list[Verdict]:
    verdicts = judge(evidence, limits or GateConfig())
    assert [verdict.name for verdict in verdicts] == [
        "retrieval_evaluation",
        "ranking_evaluation",
        "index_recall",
        "above_popularity",
        "final_not_below_retrieval",
    ]
    return [verdict for verdict in verdicts if not verdict.passed]


def test_good_evidence_passes() -> None:
    assert refused(GOOD) == []


def test_limits_are_included() -> None:
    assert refused(Evidence(True, True, 0.95, metrics(0.2, 0.2, 0.2)), GateConfig(0.95, 1.0, 1.0)) == []


def test_nothing_known_is_refused_by_every_rule() -> None:
    verdicts = refused(Evidence())
    assert len(verdicts) == 5
    assert all(verdict.value is None for verdict in verdicts)


def test_refusal_says_by_how_much() -> None:
    (verdict,) = refused(dataclasses.replace(GOOD, index_recall=0.9))
    assert (verdict.value, verdict.limit) == (0.9, 0.95)
    assert verdict.reason == "recall@100 of the index is 0.9000, 0.0500 below the limit 0.9500"


def test_comparison_names_the_rival() -> None:
    (verdict,) = refused(
        dataclasses.replace(GOOD, metrics=metrics(0.2, 0.1, 0.25)), GateConfig(popularity_ratio_min=1.5)
    )
    assert verdict.name == "above_popularity"
    assert verdict.reason == (
        "ndcg@10 of the recommender on eval is 0.2500, 0.0500 below the limit 0.3000 (1.5 × 0.2000 of popularity)"
    )


def test_final_order_must_not_undo_retrieval() -> None:
    (verdict,) = refused(dataclasses.replace(GOOD, metrics=metrics(0.1, 0.3, 0.2)))
    assert verdict.name == "final_not_below_retrieval"
    assert verdict.limit == pytest.approx(0.291)  # 0.97 × 0.3


def test_a_rival_that_finds_nothing_is_no_division_by_zero() -> None:
    assert refused(dataclasses.replace(GOOD, metrics=metrics(0.0, 0.0, 0.0))) == []


@pytest.mark.parametrize("who", ["retrieval", "ranking"])
@pytest.mark.parametrize(("blessed", "word"), [(False, "refused"), (None, "no blessing")])
def test_evaluators_are_heard(who: str, blessed: bool | None, word: str) -> None:
    (verdict,) = refused(dataclasses.replace(GOOD, **{f"{who}_blessed": blessed}))  # type: ignore[arg-type]
    assert verdict.name == f"{who}_evaluation"
    assert word in verdict.reason


@pytest.mark.parametrize("recall", [None, math.nan, math.inf, "0.99", True])
def test_recall_that_is_no_number_is_refused(recall: Any) -> None:
    (verdict,) = refused(dataclasses.replace(GOOD, index_recall=recall))
    assert verdict.name == "index_recall"
    assert verdict.reason == "recall@100 of the index is missing or not a number"


@pytest.mark.parametrize("broken", [None, math.nan, math.inf, -math.inf, "0.5", [], True])
@pytest.mark.parametrize(
    ("who", "rules"),
    [
        ("popularity", ["above_popularity"]),
        ("retrieval", ["final_not_below_retrieval"]),
        ("recommender", ["above_popularity", "final_not_below_retrieval"]),
    ],
)
def test_metric_that_is_no_number_is_refused(who: str, rules: list[str], broken: Any) -> None:
    found = metrics(0.1, 0.2, 0.2)
    found["eval"][who]["ndcg@10"] = broken
    assert [verdict.name for verdict in refused(dataclasses.replace(GOOD, metrics=found))] == rules


@pytest.mark.parametrize("found", [{}, {"test": metrics(0.1, 0.2, 0.2)["eval"]}, {"eval": {}}, {"eval": []}, []])
def test_metrics_of_another_shape_are_missing(found: Any) -> None:
    names = [verdict.name for verdict in refused(dataclasses.replace(GOOD, metrics=found))]
    assert names == ["above_popularity", "final_not_below_retrieval"]


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3), st.floats(0, 3), st.floats(0, 3))
def test_a_better_recommender_never_fares_worse(numbers: list[float], ratio: float, other: float) -> None:
    popularity, retrieval, recommender = numbers
    limits = GateConfig(popularity_ratio_min=ratio, final_over_retrieval_min=other)
    worse = refused(dataclasses.replace(GOOD, metrics=metrics(popularity, retrieval, recommender)), limits)
    better = refused(dataclasses.replace(GOOD, metrics=metrics(popularity, retrieval, recommender + 0.1)), limits)
    assert {verdict.name for verdict in better} <= {verdict.name for verdict in worse}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("index_recall_min", 1.1),
        ("index_recall_min", -0.1),
        ("popularity_ratio_min", math.nan),
        ("final_over_retrieval_min", math.inf),
    ],
)
def test_limits_out_of_range(key: str, value: float) -> None:
    with pytest.raises(InputError, match=rf"config \[gate\], key {key}"):
        GateConfig(**{key: value})
