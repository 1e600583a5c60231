"""Cron with seconds first."""

from __future__ import annotations

import pytest

from modules.errors import InputError
from pipeline.kubeflow.cron import check_cron


@pytest.mark.parametrize(
    "cron",
    [
        "0 30 3 * * *",
        "*/15 0-30/5 1,13 ? JAN-mar MON-FRI",
        "59 59 23 31 12 6",
        "0 0 0 ? * 0",
        "  0  0  4  1  1  *  ",
    ],
)
def test_taken(cron: str) -> None:
    check_cron(cron, "config")


def test_five_fields_are_refused_with_the_six() -> None:
    with pytest.raises(InputError) as error:
        check_cron("30 3 * * *", "config, key cron")
    assert str(error.value) == (
        'config, key cron: expected six fields, seconds first, such as "0 30 3 * * *", received five: "30 3 * * *"'
    )


@pytest.mark.parametrize(
    ("cron", "field"),
    [
        ("60 0 0 * * *", "second"),
        ("0 60 0 * * *", "minute"),
        ("0 0 24 * * *", "hour"),
        ("0 0 0 0 * *", "day of the month"),
        ("0 0 0 32 * *", "day of the month"),
        ("0 0 0 * 13 *", "month"),
        ("0 0 0 * foo *", "month"),
        ("0 0 0 * * 7", "day of the week"),
        ("0 0 5-3 * * *", "hour"),
        ("0 0/0 0 * * *", "minute"),
        ("0 */x 0 * * *", "minute"),
        ("0 -1 0 * * *", "minute"),
        ("0 1, 0 * * *", "minute"),
        ("? 0 0 * * *", "second"),
        ("0 0 ²  * * *", "hour"),
    ],
)
def test_refused(cron: str, field: str) -> None:
    with pytest.raises(InputError, match=f"config, {field}: expected"):
        check_cron(cron, "config")


@pytest.mark.parametrize("cron", ["", "daily", "0 0 0 * * * *", "@daily"])
def test_other_forms_are_refused(cron: str) -> None:
    with pytest.raises(InputError, match="expected six fields"):
        check_cron(cron, "config")
