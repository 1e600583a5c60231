"""What keeps a refreshed catalogue from being pushed."""

from __future__ import annotations

import pytest

from components.gate.refresh_verdicts import Catalogues, RefreshConfig, judge_refresh
from modules.errors import InputError

TEN = [b"i%d" % number for number in range(10)]


def passed(**changes: object) -> dict[str, bool]:
    found = {"items": TEN, "published": TEN, "interactions": 100, "unknown": 0} | changes
    verdicts = judge_refresh(Catalogues(**found), RefreshConfig())  # type: ignore[arg-type]
    return {verdict.name.removeprefix("refresh_"): verdict.passed for verdict in verdicts}


def test_the_same_catalogue_passes() -> None:
    assert passed() == {"items_kept": True, "items_known": True}


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        ("items_kept", {"items": [*TEN[2:], b"new"]}, {"items": [*TEN[3:], b"new", b"newer", b"newest"]}),
        ("items_known", {"unknown": 20}, {"unknown": 21}),
        ("items_known", {}, {"interactions": 0}),
        ("items_kept", {}, {"published": []}),
    ],
)
def test_each_rule_at_its_limit(rule: str, good: dict[str, object], bad: dict[str, object]) -> None:
    assert passed(**good) == dict.fromkeys(passed(), True)
    assert passed(**bad) == dict.fromkeys(passed(), True) | {rule: False}


def test_reasons_say_by_how_much() -> None:
    half = Catalogues(TEN[:5], TEN, 100, 0)
    kept = judge_refresh(half, RefreshConfig())[0]
    assert (kept.value, kept.limit) == (0.5, 0.8)
    assert kept.reason == "the share of the served items that are still there is 0.5000, 0.3000 below the limit 0.8000"


@pytest.mark.parametrize("key", ["max_removed_items", "max_unknown_items"])
@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_a_share_is_a_share(key: str, value: float) -> None:
    with pytest.raises(InputError, match=key):
        RefreshConfig(**{key: value})
