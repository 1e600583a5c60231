"""The command, from logs and tables to pages and an exit status."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import tensorflow as tf
from prometheus_client.parser import text_string_to_metric_families

from components.report import wording
from modules.command_line import BAD_INPUT
from monitoring.__main__ import ALARMED, CALM, main
from tests.browser import keep_screenshot, needs_chromium, offline_browser
from tests.monitoring.watched_shop import HOUR, START, VERSION, WatchedShop, prediction_log

LATENCY = "".join(
    f':tensorflow:serving:request_latency_bucket{{model_name="recommender",API="predict",le="{edge}"}} {count}\n'
    for edge, count in (("1000", 0), ("21000", 1000), ("+Inf", 1000))
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> WatchedShop:
    """As in training, but that somebody took something years before, and a list has no user."""
    shop = WatchedShop.make(tmp_path_factory.mktemp("watched"), rows=800)
    shop.interactions[0]["time"] = START - 1000 * HOUR
    shop.asked[1].user = ""
    return shop.write()


@pytest.fixture(scope="module")
def calm(shop: WatchedShop) -> Path:
    """The report of a run that raised no alarm."""
    out = shop.folder / "out"
    (shop.folder / "latency.txt").write_text(LATENCY)
    assert main(shop.arguments("--out", str(out), "--latency", str(shop.folder / "latency.txt"))) == CALM
    return out


@pytest.fixture(scope="module")
def alarmed(shop: WatchedShop) -> Path:
    """The report of a run without feedback in which half of the users were new and a label stood in for a device."""
    spoiled = WatchedShop.make(shop.folder / "spoiled", rows=600)
    for one in spoiled.asked[::2]:
        one.user, one.columns["device"] = f"new-{one.user}", "<b>fridge</b>"
    spoiled.write()
    with tf.io.TFRecordWriter(str(spoiled.folder / "log" / "old.tfrecord.gz"), options="GZIP") as writer:
        log = prediction_log("similar_items", START - HOUR, {"item_id": ["i0", "gone"], "k": 1}, {"item_id": [["a"]]})
        writer.write(log.SerializeToString())
    (spoiled.folder / "log" / "growing.tfrecord.open").write_bytes(b"half a rec")
    out = spoiled.folder / "out"
    arguments = ["--log", str(spoiled.folder / "log"), "--root", str(spoiled.root), "--out", str(out)]
    assert main(arguments) == ALARMED
    return out


def report(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "report.json").read_text())
    return found


def measured(out: Path, name: str, source: str, column: str = "") -> tuple[Any, Any, str]:
    (found,) = [m for m in report(out)["measures"] if (m["name"], m["source"], m["column"]) == (name, source, column)]
    return found["value"], found["rows"], found["verdict"]


def test_what_was_read(calm: Path, shop: WatchedShop) -> None:
    found = report(calm)
    assert (found["rows"], found["lists"], found["version"], found["alarms"]) == (800, 800, VERSION, [])
    assert (found["first"], found["last"]) == (START, shop.asked[-1].time)
    assert found["feedback_rows"] == 799
    assert sum(rows for _, rows in found["hours"]) == 800


def test_measures(calm: Path, shop: WatchedShop) -> None:
    assert measured(calm, "unknown_users", "requests") == (1 / 800, 800, "ok")
    assert measured(calm, "unknown_users", "feedback") == (0.0, 799, "ok")
    # Of the 1000 requests all took 1 to 21 ms.
    assert measured(calm, "latency_p50_ms", "server") == (pytest.approx(11), 1000, "no limit")
    assert measured(calm, "latency_p99_ms", "server") == (pytest.approx(20.8), 1000, "no limit")
    assert measured(calm, "hit_rate_at_10", "feedback") == (pytest.approx(_hit_rate(shop)), _judged(shop), "ok")
    shares = pd.Series([one.columns["device"] for one in shop.asked]).value_counts(normalize=True)
    trained = pd.Series({"phone": 0.6, "desktop": 0.3, "tablet": 0.1})  # up to chance
    assert measured(calm, "skew", "requests", "device")[0] == pytest.approx((shares - trained).abs().max(), abs=0.02)


def _followed(shop: WatchedShop) -> list[bool]:
    """Of every list after which its user took something within a day: whether it was in the list."""
    found = []
    for one in shop.asked:
        later = {
            row["item_id"]
            for row in shop.interactions
            if row["user_id"] == one.user and one.time <= row["time"] <= one.time + 24 * HOUR
        }
        if later:
            found.append(bool(later & set(one.served)))
    return found


def _judged(shop: WatchedShop) -> int:
    return len(_followed(shop))


def _hit_rate(shop: WatchedShop) -> float:
    followed = _followed(shop)
    return sum(followed) / len(followed)


def test_alarms_name_their_limits(alarmed: Path) -> None:
    found = report(alarmed)
    assert (found["rows"], found["lists"], found["feedback"]) == (602, 600, "")
    limits = [alarm.partition(": ")[0] for alarm in found["alarms"]]
    assert limits == [
        "[monitoring] unknown_users_max",
        "schema, feature device, skew_comparator infinity_norm",
        "[monitoring] unknown_values_max",
        "schema, feature device",
    ]
    assert found["alarms"][0].endswith("share by unknown users (requests) is 0.5, the limit 0.3")
    assert measured(alarmed, "unknown_items", "requests") == (0.5, 2, "too few")
    assert measured(alarmed, "ndcg_at_10", "feedback") == (None, 0, "not measured")


def test_prometheus_text(alarmed: Path, calm: Path) -> None:
    for out, alarms in ((alarmed, 4), (calm, 0)):
        families = list(text_string_to_metric_families((out / "metrics.prom").read_text()))
        assert {family.type for family in families} == {"gauge"}
        samples = [sample for family in families for sample in family.samples]
        keys = [(sample.name, tuple(sorted(sample.labels.items()))) for sample in samples]
        assert len(set(keys)) == len(keys)
        values = dict(zip(keys, (sample.value for sample in samples), strict=True))
        assert values["recommender_monitoring_alarms", ()] == alarms
        assert values["recommender_monitoring_version", ()] == VERSION
        raised = [sample.value for sample in samples if sample.name == "recommender_monitoring_alarm"]
        assert sum(raised) == alarms and len(raised) > alarms
    users = values["recommender_monitoring_unknown_users", (("source", "requests"),)]
    assert users == measured(calm, "unknown_users", "requests")[0]


@needs_chromium
def test_pages_show_what_the_report_holds(alarmed: Path, calm: Path) -> None:
    with offline_browser() as browser:
        for name, out in (("alarmed", alarmed), ("calm", calm)):
            browser.open(out / "index.html")
            keep_screenshot(browser.tab, f"monitoring-{name}")
            assert browser.fits()
            found = report(out)
            for path, (exact, text) in browser.shown().items():
                value: Any = found
                for key in path.split("/"):
                    value = value[int(key)] if isinstance(value, list) else value[key]
                assert exact == ("" if value is None else str(value)), path
                assert text in (wording.number(value), f"{100 * value:.2f} %" if value is not None else ""), path
            assert browser.tab.locator(".verdict li").all_inner_texts() == found["alarms"]
            browser.tab.click("text=the columns")
            assert browser.fits()
            assert "requests" in browser.tab.locator("h2").all_inner_texts()[1]
        assert browser.problems == []
        assert all(url.startswith("file://") for url in browser.requests)


def _no_log(shop: WatchedShop) -> list[str]:
    return ["--log", str(shop.folder / "nowhere"), "--root", str(shop.root)]


def _empty_log(shop: WatchedShop) -> list[str]:
    (shop.folder / "empty").mkdir(exist_ok=True)
    return ["--log", str(shop.folder / "empty"), "--root", str(shop.root)]


def _nothing_published(shop: WatchedShop) -> list[str]:
    return ["--log", str(shop.folder / "log"), "--root", str(shop.folder)]


def _no_statistics(shop: WatchedShop) -> list[str]:
    older = shop.folder / "older"
    shutil.copytree(shop.root, older, dirs_exist_ok=True)
    shutil.rmtree(older / "serving" / "baseline" / str(VERSION) / "interactions_statistics")
    return ["--log", str(shop.folder / "log"), "--root", str(older)]


def _no_schema(shop: WatchedShop) -> list[str]:
    moved = shop.folder / "moved"
    shutil.copytree(shop.root, moved, dirs_exist_ok=True)
    shutil.rmtree(moved / "artifacts")
    return ["--log", str(shop.folder / "log"), "--root", str(moved)]


def _bad_limit(shop: WatchedShop) -> list[str]:
    config = shop.folder / "bad.toml"
    config.write_text("[monitoring]\nunknown_users_max = 2.0\n")
    return shop.arguments("--config", str(config))


def _feedback_without_a_column(shop: WatchedShop) -> list[str]:
    folder = shop.folder / "narrow"
    folder.mkdir(exist_ok=True)
    pd.DataFrame([{"user_id": "u1", "item_id": "i1"}]).to_parquet(folder / "interactions.parquet")
    return [*shop.arguments()[:4], "--feedback", str(folder)]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (lambda shop: [], "--log"),
        (_no_log, "no such folder"),
        (_empty_log, "PredictionLogs"),
        (_nothing_published, "a published version"),
        (lambda shop: shop.arguments("--version", "8"), "a published version 8, received 7"),
        (_no_statistics, "interactions_statistics"),
        (_no_schema, "the schema that it was made with"),
        (lambda shop: [*_no_schema(shop), "--schema", str(shop.folder / "none.pbtxt")], "none.pbtxt"),
        (_bad_limit, "[monitoring], key unknown_users_max"),
        (_feedback_without_a_column, 'feedback, table interactions: expected a column "time"'),
        (lambda shop: shop.arguments("--latency", str(shop.folder / "config.toml")), "latency"),
        (lambda shop: shop.arguments("--", "--direct_num_workers=many"), "many"),
    ],
)
def test_mistakes_are_said_in_a_line(
    shop: WatchedShop,
    arguments: Callable[[WatchedShop], list[str]],
    expected: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    flags = arguments(shop)
    if "--log" in flags:
        beam = flags.index("--") if "--" in flags else len(flags)
        flags[beam:beam] = ["--out", str(shop.folder / "refused")]
    assert main(flags) == BAD_INPUT
    said = capfd.readouterr().err.strip().splitlines()
    assert len(said) == 1 and expected in said[0]


def test_a_cell_that_cannot_be_read_is_named(shop: WatchedShop, capfd: pytest.CaptureFixture[str]) -> None:
    folder = shop.folder / "odd"
    shutil.copytree(shop.folder / "feedback", folder, dirs_exist_ok=True)
    rows = pd.DataFrame(shop.interactions)
    rows.loc[3, "stars"] = 9.0
    rows.to_parquet(folder / "interactions.parquet")
    arguments = [*shop.arguments()[:4], "--feedback", str(folder), "--out", str(shop.folder / "refused")]
    assert main(arguments) == BAD_INPUT
    said = capfd.readouterr().err
    assert "feedback, table interactions, row 4" in said and "stars" in said and "9" in said
