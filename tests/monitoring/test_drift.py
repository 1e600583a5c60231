"""Planted drifts raise their alarms, each the right one; data as in training raises none."""

from __future__ import annotations

from pathlib import Path

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
from tests.monitoring.plants import PLANTS, Alarm, Plant, everybody_is_happy, half_of_the_users_are_new
from tests.monitoring.watched_shop import ITEMS, SCHEMA, USERS, WatchedShop, example, training_statistics

ROLES, TABLES = parse_roles(SCHEMA), parse_schema(SCHEMA)
REQUESTS = request_schema(TABLES, ROLES)
FEEDBACK = feedback_schema(TABLES, ROLES, {column.name for column in ROLES.columns})


def statistics(examples: list[bytes], schema: schema_pb2.Schema) -> statistics_pb2.DatasetFeatureStatisticsList:
    batch = ExamplesToRecordBatchDecoder(schema.SerializeToString()).DecodeBatch(examples)
    return stats_impl.generate_statistics_in_memory(batch, StatsOptions(schema=schema))


def alarmed(shop: WatchedShop) -> set[Alarm]:
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
        compared(statistics(asked, REQUESTS), "requests", training_statistics(), REQUESTS, ROLES, "skew"),
        ITEMS,
        compared(statistics(joined, FEEDBACK), "feedback", training_statistics(), FEEDBACK, ROLES, "drift"),
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


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_a_planted_drift_raises_the_right_alarm(plant: Plant) -> None:
    shop = WatchedShop.make(Path(), rows=1000)
    plant.spoil(shop)
    assert alarmed(shop) == set(plant.alarms)


def test_few_rows_raise_no_alarm() -> None:
    shop = WatchedShop.make(Path(), rows=499)
    half_of_the_users_are_new(shop)
    everybody_is_happy(shop)
    assert alarmed(shop) == set()
