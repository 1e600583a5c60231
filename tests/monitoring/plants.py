"""Drifts to plant into a watched shop, and the alarms that belong to them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from tests.monitoring.watched_shop import WatchedShop

Alarm = tuple[str, str, str]  # measure, source, column


@dataclasses.dataclass(frozen=True)
class Plant:
    """A drift.

    Attributes:
        spoil: plants it.
        alarms: each that it raises, with the name of the limit that was passed.
    """

    spoil: Callable[[WatchedShop], None]
    alarms: dict[Alarm, str]

    @property
    def name(self) -> str:
        """Of its test."""
        return self.spoil.__name__


def older_people_ask(shop: WatchedShop) -> None:
    for one in shop.asked:
        one.columns["age"] = 50 + one.columns["age"] // 3


def tablets_take_over(shop: WatchedShop) -> None:
    for number, row in enumerate(shop.interactions):
        row["device"] = "tablet" if number % 2 else row["device"]


def everybody_is_happy(shop: WatchedShop) -> None:
    rng = np.random.default_rng(2)
    for row in shop.interactions:
        row["stars"] = float(rng.choice([4.0, 5.0]))


def a_kind_is_renamed(shop: WatchedShop) -> None:
    for item in shop.items:
        item["kind"] = "Kind 3" if item["kind"] == "kind-3" else item["kind"]


def a_device_is_renamed_in_requests(shop: WatchedShop) -> None:
    for one in shop.asked:
        one.columns["device"] = "mobile" if one.columns["device"] == "phone" else one.columns["device"]


def half_of_the_users_are_new(shop: WatchedShop) -> None:
    for number, one in enumerate(shop.asked):
        one.user = f"new-{number}" if number % 2 else one.user


def guests_ask(shop: WatchedShop) -> None:
    for one in shop.asked[::2]:
        one.user = ""


_UNKNOWN_VALUES, _UNKNOWN_USERS = "[monitoring] unknown_values_max", "[monitoring] unknown_users_max"
PLANTS = [
    Plant(
        older_people_ask,
        {("skew", "requests", "age"): "schema, feature age, skew_comparator jensen_shannon_divergence"},
    ),
    Plant(
        tablets_take_over, {("drift", "feedback", "device"): "schema, feature device, drift_comparator infinity_norm"}
    ),
    Plant(
        everybody_is_happy,
        {("drift", "feedback", "stars"): "schema, feature stars, drift_comparator jensen_shannon_divergence"},
    ),
    Plant(a_kind_is_renamed, {("unknown_values", "feedback", "kind"): _UNKNOWN_VALUES}),
    Plant(
        a_device_is_renamed_in_requests,
        {
            ("skew", "requests", "device"): "schema, feature device, skew_comparator infinity_norm",
            ("unknown_values", "requests", "device"): _UNKNOWN_VALUES,
            ("anomaly", "requests", "device"): "schema, feature device",
        },
    ),
    Plant(half_of_the_users_are_new, {("unknown_users", "requests", ""): _UNKNOWN_USERS}),
    Plant(guests_ask, {("unknown_users", "requests", ""): _UNKNOWN_USERS}),
]
