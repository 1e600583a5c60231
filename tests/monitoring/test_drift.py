"""Planted drifts raise their alarms, each the right one; data as in training raises none."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tensorflow_data_validation import StatsOptions
from tensorflow_data_validation.statistics import stats_impl
from tensorflow_metadata.proto.v0 import schema_pb2, statistics_pb2
from tfx_bsl.coders.example_coder import ExamplesToRecordBatchDecoder

from modules.monitoring_config import MonitoringConfig
from modules.roles import parse_roles, parse_schema
from monitoring.columns import compared
from monitoring.findings import Findings, Known
from monitoring.measures import measures
from monitoring.schemas import feedback_schema, request_schema
from monitoring.traffic import Traffic
from tests.monitoring.watched_shop import ITEMS, SCHEMA, USERS, WatchedShop, example, statistics_of, training_examples

ROLES, TABLES = parse_roles(SCHEMA), parse_schema(SCHEMA)
REQUESTS = request_schema(TABLES, ROLES)
FEEDBACK = feedback_schema(TABLES, ROLES, {column.name for column in ROLES.columns})
Plant = Callable[[WatchedShop], object]


@functools.cache
def training() -> statistics_pb2.DatasetFeatureStatisticsList:
    return statistics_of(training_examples())


def statistics(examples: list[bytes], schema: schema_pb2.Schema) -> statistics_pb2.DatasetFeatureStatisticsList:
    batch = ExamplesToRecordBatchDecoder(schema.SerializeToString()).DecodeBatch(examples)
    return stats_impl.generate_statistics_in_memory(batch, StatsOptions(schema=schema))


def alarmed(shop: WatchedShop) -> set[tuple[str, str, str]]:
    """(measure, source, column) of every alarm. The parts are put together without Beam, whose results are the same."""
    people = {user["user_id"]: user for user in shop.users}
    catalogue = {item["item_id"]: item for item in shop.items}
    asked = [example(one.columns | ({"user_id": one.user} if one.user else {})) for one in shop.asked]
    joined = [
        example(row | people.get(row["user_id"], {}) | catalogue.get(row["item_id"], {})) for row in shop.interactions
    ]
    known = {f"u{number}" for number in range(USERS)}
    traffic = Traffic(rows=len(asked), lists=len(asked))
    traffic.unknown_users = sum(one.user not in known for one in shop.asked)
    found = Findings(
        traffic,
        compared(statistics(asked, REQUESTS), "requests", training(), REQUESTS, ROLES, "skew"),
        ITEMS,
        compared(statistics(joined, FEEDBACK), "feedback", training(), FEEDBACK, ROLES, "drift"),
        Known(len(joined), sum(row["user_id"] not in known for row in shop.interactions)),
    )
    return {
        (measure.name, measure.source, measure.column)
        for measure in measures(found, MonitoringConfig())
        if measure.verdict == "alarm"
    }


@pytest.mark.parametrize("seed", range(20))
def test_unchanged_data_raises_no_alarm(seed: int) -> None:
    assert alarmed(WatchedShop.make(Path(), seed=100 + seed, rows=1000)) == set()


def _older_people_ask(shop: WatchedShop) -> None:
    for one in shop.asked:
        one.columns["age"] = 50 + one.columns["age"] // 3


def _tablets_take_over(shop: WatchedShop) -> None:
    for number, row in enumerate(shop.interactions):
        row["device"] = "tablet" if number % 2 else row["device"]


def _everybody_is_happy(shop: WatchedShop) -> None:
    rng = np.random.default_rng(2)
    for row in shop.interactions:
        row["stars"] = float(rng.choice([4.0, 5.0]))


def _a_kind_is_renamed(shop: WatchedShop) -> None:
    for item in shop.items:
        item["kind"] = "Kind 3" if item["kind"] == "kind-3" else item["kind"]


def _a_device_is_renamed_in_requests(shop: WatchedShop) -> None:
    for one in shop.asked:
        one.columns["device"] = "mobile" if one.columns["device"] == "phone" else one.columns["device"]


def _half_of_the_users_are_new(shop: WatchedShop) -> None:
    for number, one in enumerate(shop.asked):
        one.user = f"new-{number}" if number % 2 else one.user


def _guests_ask(shop: WatchedShop) -> None:
    for one in shop.asked[::2]:
        one.user = ""


PLANTED: list[tuple[Plant, set[tuple[str, str, str]]]] = [
    (_older_people_ask, {("skew", "requests", "age")}),
    (_tablets_take_over, {("drift", "feedback", "device")}),
    (_everybody_is_happy, {("drift", "feedback", "stars")}),
    (_a_kind_is_renamed, {("unknown_values", "feedback", "kind")}),
    (
        _a_device_is_renamed_in_requests,
        {("skew", "requests", "device"), ("unknown_values", "requests", "device"), ("anomaly", "requests", "device")},
    ),
    (_half_of_the_users_are_new, {("unknown_users", "requests", "")}),
    (_guests_ask, {("unknown_users", "requests", "")}),
]


@pytest.mark.parametrize(("plant", "expected"), PLANTED, ids=lambda value: getattr(value, "__name__", ""))
def test_a_planted_drift_raises_the_right_alarm(plant: Plant, expected: set[tuple[str, str, str]]) -> None:
    shop = WatchedShop.make(Path(), rows=1000)
    plant(shop)
    assert alarmed(shop) == expected


def test_few_rows_raise_no_alarm() -> None:
    shop = WatchedShop.make(Path(), rows=499)
    _half_of_the_users_are_new(shop)
    _everybody_is_happy(shop)
    assert alarmed(shop) == set()
