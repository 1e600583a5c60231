"""Errors of predicted targets."""

from __future__ import annotations

import math

import pytest

from modules.metrics.ratings import mae, rmse


def test_by_hand() -> None:
    predicted, actual = [1.0, 2.0, 5.0], [2.0, 2.0, 3.0]  # errors -1, 0, 2
    assert rmse(predicted, actual) == pytest.approx(math.sqrt(5 / 3))
    assert mae(predicted, actual) == pytest.approx(1.0)
    assert rmse(actual, actual) == mae(actual, actual) == 0


@pytest.mark.parametrize("metric", [rmse, mae])
def test_nothing_to_compare_is_refused(metric: object) -> None:
    for predicted, actual in (([], []), ([1.0], [1.0, 2.0])):
        with pytest.raises(ValueError, match="non-empty"):
            metric(predicted, actual)  # type: ignore[operator]
