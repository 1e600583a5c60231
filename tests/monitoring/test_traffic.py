"""Sums over request rows."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.request_rows import RequestRow
from monitoring.traffic import CountTraffic, Traffic, concentration, gini, unknown

USERS, ITEMS = frozenset({"ann"}), frozenset({"a", "b"})
ROWS = st.builds(
    RequestRow,
    signature=st.sampled_from(["recommend", "score"]),
    version=st.integers(1, 2),
    time=st.integers(0, 10_000),
    user=st.sampled_from(["ann", "bob", ""]),
    asked_items=st.lists(st.sampled_from(["a", "z"]), max_size=3).map(tuple),
    served=st.lists(st.sampled_from(["a", "b"]), max_size=12).map(tuple),
    example=st.just(b""),
    other_columns=st.sampled_from([(), ("x",), ("x", "y")]),
)


def counted(rows: list[RequestRow]) -> Traffic:
    traffic = Traffic()
    for row in rows:
        traffic.add(*unknown(row, USERS, ITEMS))
    return traffic


def test_counts() -> None:
    ten = tuple("abcdefghij")
    traffic = counted(
        [
            RequestRow("recommend", 1, 3700, "ann", ("a", "z"), (*ten, "k"), b"", ("x",)),
            RequestRow("recommend", 2, 3600, "", (), ("a",), b"", ("x", "y")),
            RequestRow("score", 2, 0, "bob", ("y",), (), b""),
        ]
    )
    assert (traffic.rows, traffic.lists, traffic.short_lists, traffic.unknown_users) == (3, 2, 1, 1)
    assert (traffic.items, traffic.unknown_items) == (3, 2)
    assert traffic.signatures == {"recommend": 2, "score": 1} and traffic.versions == {1: 1, 2: 2}
    assert traffic.hours == {3600: 2} and (traffic.first, traffic.last) == (3600, 3700)
    assert (traffic.rows_with_other_columns, traffic.other_columns) == (2, {"x": 2, "y": 1})
    assert traffic.served == Counter(ten) + Counter(["a"])  # the first ten places


@given(st.lists(st.lists(ROWS, max_size=4), max_size=4))
def test_sums_do_not_depend_on_how_the_rows_were_cut(parts: list[list[RequestRow]]) -> None:
    combiner = CountTraffic()
    merged = combiner.extract_output(combiner.merge_accumulators(counted(part) for part in parts))
    assert merged == counted([row for part in parts for row in part])


def test_concentration_is_the_share_of_the_first_hundredth() -> None:
    served = Counter({"a": 6, "b": 3, "c": 1})
    assert concentration(served, 100) == 0.6
    assert concentration(served, 200) == 0.9
    assert concentration(served, 3) == 0.6  # one item at least
    assert concentration(Counter(), 100) == 0.0


@pytest.mark.parametrize(
    ("served", "size", "expected"),
    [
        ({"a": 5, "b": 5}, 2, 0.0),
        ({"a": 5, "b": 5}, 4, 0.5),  # the upper half has all of it
        ({"a": 7}, 4, 0.75),  # one of four has all of it: 1 - 1/4
        # Mean absolute difference of all pairs over twice the mean: (2·2) / 4 / (2·2)
        ({"a": 1, "b": 3}, 2, 0.25),
        ({}, 4, 0.0),
    ],
)
def test_gini(served: dict[str, int], size: int, expected: float) -> None:
    assert gini(Counter(served), size) == pytest.approx(expected)
