"""The gate's rules on evidence made by hand."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.evaluation.query_values import PUBLISHED
from components.gate.config import GateConfig
from components.gate.index_rules import IndexEvidence, judge_index
from components.gate.judge import Evidence, judge
from components.gate.quality_rules import no_worse
from components.report.evidence import Drift
from components.report.scorecard import Gate
from modules.errors import InputError
from modules.metrics.paired import Difference
from tests.components.gate.evidence import VERSION, good, metrics, part, refused, rules, spoiled, values, with_metrics


def test_good_evidence_passes() -> None:
    assert rules(good()) == []
    assert rules(good(published=0)) == []


def test_a_first_run_is_held_to_the_absolute_limits() -> None:
    names = {verdict.name for verdict in judge(good(published=0), GateConfig())}
    comparing = {"no_worse_than_published", "coverage_change", "popularity_bias_change"}
    assert not names & comparing and not [name for name in names if name.startswith("slice_change")]
    assert comparing <= {verdict.name for verdict in judge(good(), GateConfig())}
    poor = spoiled("eval", "recommender", "ndcg@10", to=0.09)
    assert rules(good(published=0, metrics=poor)) == ["above_popularity", "final_not_below_retrieval"]


def test_nothing_known_is_refused_by_every_rule_that_needs_it() -> None:
    said = refused(Evidence(limits_on_drift=True, published=VERSION))
    assert {verdict.name for verdict in said} >= {
        "retrieval_evaluation", "ranking_evaluation", "queries", "ndcg@10", "above_popularity", "too_good", "coverage",
        "final_not_below_retrieval", "popularity_bias", "coverage_change", "popularity_bias_change", "slices",
        "no_worse_than_published", "index_recall", "index_share", "index_latency", "flat_lists", "titles",
        "ranking_scores_vary", "duplicated_eval_queries", "vocabulary_of_users", "vocabulary_of_items", "label_leak",
        "drift_and_skew",
    }  # fmt: skip
    assert all(verdict.value is None for verdict in said)


# --- one value at a time: what is measured, the rule that says no, and how far off it is ------------------------------

SPOILED = [
    (("eval", "recommender", "queries"), 0.0, "queries", 1.0),
    (("eval", "recommender", "ndcg@10"), 0.97, "too_good", 0.95 * 0.9 + 0.1),
    (("eval", "recommender", "coverage@10"), 0.2, "coverage_change", 0.25),
    (("eval", "recommender", "popularity@10"), 0.85, "popularity_bias_change", 0.8),
    (("integrity", "duplicates", "queries"), 0.02, "duplicated_eval_queries", 0.01),
    (("integrity", "duplicates", "rows"), 0.5, "duplicated_eval_rows", 0.01),
    (("integrity", "vocabulary", "users"), 0.9, "vocabulary_of_users", 0.99),
    (("integrity", "vocabulary", "items"), 0.0, "vocabulary_of_items", 0.99),
    (("integrity", "leaks", "device"), 0.99, "label_leak device", 0.95),
    (("integrity", "answers", "flat_lists"), 0.6, "flat_lists", 0.5),
    (("integrity", "answers", "titles_right"), 0.99, "titles", 1.0),
    (("integrity", "answers", "predicted_spread"), 0.005, "ranking_scores_vary", 0.01),
]


@pytest.mark.parametrize(("path", "value", "rule", "limit"), SPOILED)
def test_each_limit(path: tuple[str, ...], value: float, rule: str, limit: float) -> None:
    (verdict,) = refused(with_metrics(spoiled(*path, to=value)))
    assert (verdict.name, verdict.value) == (rule, value) and verdict.limit == pytest.approx(limit)
    assert f"{abs(value - limit):.4f}"[:5] in verdict.reason or "0 %" in verdict.reason
    # What is met exactly passes.
    assert rules(with_metrics(spoiled(*path, to=verdict.limit))) == []


@pytest.mark.parametrize("broken", [None, math.nan, math.inf, -math.inf, "0.5", [], True])
@pytest.mark.parametrize(("path", "rule"), [(path, rule) for path, _, rule, _ in SPOILED])
def test_what_is_no_number_is_refused(path: tuple[str, ...], rule: str, broken: Any) -> None:
    assert rule in rules(with_metrics(spoiled(*path, to=broken)))


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        (("eval",), "queries"),
        (("eval", "popularity"), "above_popularity"),
        (("eval", "retrieval"), "final_not_below_retrieval"),
        (("eval", PUBLISHED), "coverage_change"),
        (("integrity",), "titles"),
        (("integrity", "answers"), "titles"),
        (("integrity", "duplicates"), "duplicated_eval_queries"),
        (("integrity", "vocabulary"), "vocabulary_of_items"),
        (("integrity", "leaks"), "label_leak"),
    ],
)
def test_what_is_missing_is_refused(path: tuple[str, ...], rule: str) -> None:
    assert rule in rules(with_metrics(spoiled(*path, to=...)))
    assert rule in rules(with_metrics(spoiled(*path, to=[1])))


def test_test_rows_are_no_evidence() -> None:
    found = metrics()
    found["test"] = found.pop("eval")
    assert "above_popularity" in rules(with_metrics(found))


def test_items_without_titles_need_none() -> None:
    assert rules(with_metrics(spoiled("integrity", "answers", "titles_right", to=...))) == []


def test_a_comparison_names_the_rival() -> None:
    (verdict,) = refused(good(), popularity_ratio_min=3.0)
    assert verdict.name == "above_popularity"
    assert verdict.reason == (
        "ndcg@10 of the recommender on eval is 0.2500, 0.0500 below the limit 0.3000 (3 × 0.1000 of popularity)"
    )


def test_a_rival_that_finds_nothing_is_no_division_by_zero() -> None:
    found = metrics()
    for system in ("popularity", "retrieval", "recommender"):
        found["eval"][system]["ndcg@10"] = 0.0
    assert rules(with_metrics(found)) == []


# --- evaluators, index ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["retrieval", "ranking"])
@pytest.mark.parametrize(
    ("blessed", "thresholds", "word"),
    [
        (False, [Gate("x", True, 1.0, 0.0)], "refused"),
        (None, [Gate("x", True, 1.0, 0.0)], "no blessing"),
        (True, "no such file", "no such file"),
        (True, [], "no threshold"),
    ],
)
def test_evaluators_are_heard(model: str, blessed: bool | None, thresholds: Any, word: str) -> None:
    usual = good()
    evidence = good(blessings={**usual.blessings, model: blessed}, thresholds={**usual.thresholds, model: thresholds})
    (verdict,) = refused(evidence)
    assert verdict.name == f"{model}_evaluation"
    assert word in verdict.reason


def test_their_thresholds_are_told_one_by_one() -> None:
    gate = Gate("change of retrieval ndcg@10", False, -0.3, -0.1, "may fall by 10 %")
    usual = good()
    blessings, thresholds = {**usual.blessings, "retrieval": False}, {**usual.thresholds, "retrieval": [gate]}
    verdicts = refused(good(blessings=blessings, thresholds=thresholds))
    assert [(one.name, one.value, one.limit) for one in verdicts] == [
        ("retrieval_evaluation", None, None),
        ("retrieval_ndcg@10_change", -0.3, -0.1),
    ]


@pytest.mark.parametrize(
    ("evidence", "rule", "reason"),
    [
        (
            IndexEvidence(0.9, 5.0, 1.0),
            "index_recall",
            "of the index is 0.9000, 0.0500 below the limit 0.9500",
        ),
        (IndexEvidence(0.99, 300.0, 1.0), "index_latency", "is 300.0000, 50.0000 above the limit 250.0000"),
        (IndexEvidence(0.99, 5.0, 0.5), "index_share", "is 0.5000, 0.5000 below the limit 1.0000"),
        (IndexEvidence(None, 5.0, 1.0), "index_recall", "recall@100 of the index is missing or not a number"),
        (IndexEvidence(0.99, math.nan, 1.0), "index_latency", "missing or not a number"),
        (IndexEvidence(0.99, 5.0, None), "index_share", "missing or not a number"),
    ],
)
def test_index(evidence: IndexEvidence, rule: str, reason: str) -> None:
    (verdict,) = refused(good(index=evidence))
    assert verdict.name == rule and reason in verdict.reason
    assert [one.name for one in judge_index(evidence, GateConfig(), "refit_") if not one.passed] == [f"refit_{rule}"]


# --- beside the published version -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mean", "half", "passed"),
    [
        (0.0, 0.001, True),
        (-0.009, 0.0005, True),  # a real drop that is small enough for sure
        (-0.009, 0.002, False),  # a real drop that may be too large
        (-0.02, 0.001, False),  # too large for sure
        (-0.009, 0.02, True),  # noise: it may as well be a rise
        (-0.02, 0.019, False),  # few queries, but the interval does not reach 0
        (0.05, 0.1, True),
    ],
)
def test_no_worse(mean: float, half: float, passed: bool) -> None:
    found = Difference(mean, mean - half, mean + half, 50, 100)
    verdict = no_worse("rule", "ndcg@10", found, published=0.2, drop_max=0.05, sure="95% interval")
    assert verdict.passed is passed
    assert verdict.value == mean - half and verdict.limit == pytest.approx(-0.01)
    if not passed:
        assert verdict.value is not None and verdict.limit is not None and verdict.value < verdict.limit
    assert ("too few to rule such a drop out" in verdict.reason) == (passed and mean - half < -0.01)


def test_a_drop_is_refused_with_its_interval() -> None:
    worse = values(part("", "", 0.2, 0.24, 0.1))
    (verdict,) = refused(good(values=worse))
    assert verdict.name == "no_worse_than_published"
    assert verdict.value is not None and -0.05 < verdict.value < -0.04
    assert verdict.limit == pytest.approx(-0.1 * 0.24)
    assert "is 0.0400 below the published 0.2400 (99% interval of the difference -0.04" in verdict.reason
    assert "200 users" in verdict.reason


def test_equals_pass_however_the_dice_fall() -> None:
    """Two systems of one quality: of 200 pairs that differ by noise alone, not one is refused."""
    generator = np.random.default_rng(5)
    for _ in range(200):
        pair = part("", "", 0.0, 0.0, 0.0)
        pair.values["recommender"][:] = generator.normal(0.2, 0.05, 1000)
        pair.values[PUBLISHED][:] = generator.normal(0.2, 0.05, 1000)
        assert "no_worse_than_published" not in rules(good(values=values(pair)))


def test_a_real_drop_never_passes_by_luck() -> None:
    """A system that is worse by one and a half times what is allowed: of 200 pairs, not one passes."""
    generator = np.random.default_rng(6)
    for _ in range(200):
        pair = part("", "", 0.0, 0.0, 0.0)
        pair.values["recommender"][:] = generator.normal(0.17, 0.05, 1000)
        pair.values[PUBLISHED][:] = generator.normal(0.2, 0.05, 1000)
        assert "no_worse_than_published" in rules(good(values=values(pair)))


def test_without_the_published_answers() -> None:
    pair = part("", "", 0.25, 0.24, 0.1)
    del pair.values[PUBLISHED]
    assert rules(good(values=values(pair))) == ["no_worse_than_published"]
    assert set(rules(good(values=None))) == {"no_worse_than_published", "slices"}


def test_a_broken_version_is_named_and_not_compared_with() -> None:
    (verdict,) = refused(good(problems={"published": "version 7, retriever: expected …"}))
    assert verdict.name == "published_version"
    assert (
        "version 7 is not what was published: version 7, retriever" in verdict.reason and "rollback" in verdict.reason
    )


def test_evidence_of_something_else() -> None:
    (verdict,) = refused(good(problems={"evidence": "the metrics are of another servable than what is to be pushed"}))
    assert (verdict.name, verdict.value) == ("evidence", None)
    assert "another servable" in verdict.reason


def test_what_was_rolled_back_stays_out() -> None:
    assert rules(good(withdrawn=True)) == ["not_withdrawn"]


# --- slices -----------------------------------------------------------------------------------------------------------


def test_a_destroyed_slice() -> None:
    found = values(None, part("region", "east", 0.25, 0.24, 0.1), part("region", "west", 0.01, 0.2, 0.1, rows=300))
    said = {verdict.name: verdict for verdict in refused(good(values=found))}
    assert set(said) == {"slice_popularity region=west", "slice_change region=west"}
    assert "on 300 eval queries of 60 users is 0.0100" in said["slice_popularity region=west"].reason
    assert said["slice_change region=west"].limit == pytest.approx(-0.25 * 0.2)
    assert rules(good(values=found, published=0)) == ["slice_popularity region=west"]
    assert rules(good(values=found), slice_size_min=301) == []


def test_the_floor_of_slices() -> None:
    assert rules(good(), slice_min=0.22) == ["slice_floor region=west"]


def test_a_small_difference_in_many_slices_is_noise() -> None:
    generator = np.random.default_rng(7)
    parts = [part("shelf", str(n), 0.0, 0.0, 0.0, rows=100) for n in range(100)]
    for one in parts:
        for system in one.values:
            one.values[system][:] = generator.normal(0.2, 0.1, 100)
    assert rules(good(values=values(None, *parts))) == []


def test_a_slice_of_one_user_says_nothing() -> None:
    lonely = part("user", "only", 0.0, 0.3, 0.1)
    lonely.users[:] = 3
    assert rules(good(values=values(None, lonely))) == []


def test_no_slice_is_large_enough() -> None:
    verdicts = judge(good(), GateConfig(slice_size_min=10**6))
    (slices,) = [verdict for verdict in verdicts if verdict.name.startswith("slice")]
    assert slices.passed and "no slice has 1000000 eval queries" in slices.reason


# --- drift ------------------------------------------------------------------------------------------------------------


def drift(value: float, limit: float = 0.1) -> Drift:
    return Drift("interactions", "train", "device", "drift", "l infty", value, limit)


def test_drift() -> None:
    assert rules(good(drifts=[drift(0.1)], limits_on_drift=True)) == []
    (verdict,) = refused(good(drifts=[drift(0.1), drift(0.35)], limits_on_drift=True))
    assert (verdict.name, verdict.value, verdict.limit) == ("drift interactions.device", 0.35, 0.1)
    assert "0.2500 above the limit" in verdict.reason and "against the published version's" in verdict.reason


def test_drift_that_could_not_be_measured() -> None:
    assert rules(good(drifts="FeatureStats.pb: no such file", limits_on_drift=True)) == ["drift_and_skew"]
    assert rules(good(drifts=(), limits_on_drift=True)) == ["drift_and_skew"]
    assert rules(good(drifts=(), limits_on_drift=False)) == []
    assert rules(good(drifts=[drift(math.nan)], limits_on_drift=True)) == ["drift interactions.device"]


# --- all of it --------------------------------------------------------------------------------------------------------


@settings(max_examples=25)
@given(st.lists(st.floats(0, 0.9), min_size=3, max_size=3), st.floats(0, 3), st.floats(0, 3))
def test_a_better_recommender_never_fares_worse(numbers: list[float], ratio: float, other: float) -> None:
    popularity, retrieval, recommender = numbers
    limits = {"popularity_ratio_min": ratio, "final_over_retrieval_min": other, "too_good_max": 20.0}

    def verdict_of(own: float) -> set[str]:
        found = metrics()
        for system, value in (("popularity", popularity), ("retrieval", retrieval), ("recommender", own)):
            found["eval"][system]["ndcg@10"] = value
        return set(rules(good(published=0, metrics=found), **limits))

    assert verdict_of(recommender + 0.1) <= verdict_of(recommender)


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(GateConfig)])
def test_limits_out_of_range(field: str) -> None:
    for value in (math.nan, math.inf, -0.1):
        with pytest.raises(InputError, match=rf"config \[gate\], key {field}: expected"):
            GateConfig(**{field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "value"), [("index_recall_min", 1.1), ("confidence", 1.0), ("confidence", 0.0), ("slice_size_min", 0)]
)
def test_limits_that_mean_nothing(key: str, value: Any) -> None:
    with pytest.raises(InputError, match=rf"config \[gate\], key {key}: expected"):
        GateConfig(**{key: value})


def test_a_threshold_that_nothing_was_measured_for() -> None:
    thresholds = {**good().thresholds, "ranking": [Gate("ranking rmse", True, None, None, "any number")]}
    (verdict,) = refused(good(thresholds=thresholds))
    assert (verdict.name, verdict.reason) == ("ranking_rmse", "nothing was measured; any number")
