"""Planted drifts, and samples as in training, through the whole command: its exit status and what it prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitoring.__main__ import main
from tests.monitoring.plants import PLANTS, Plant
from tests.monitoring.watched_shop import WatchedShop

ROWS = 1000


def watched(shop: WatchedShop, capfd: pytest.CaptureFixture[str]) -> tuple[int, dict[tuple[str, str, str], str]]:
    """The exit status, and the limit of each alarm; what is printed says the same as the report."""
    out = shop.folder / "out"
    status = main(shop.write().arguments("--out", str(out)))
    report = json.loads((out / "report.json").read_text())
    alarms = {
        (one["name"], one["source"], one["column"]): one["limit_name"]
        for one in report["measures"]
        if one["verdict"] == "alarm"
    }
    said = [line for line in capfd.readouterr().out.splitlines() if line.startswith("alarm")]
    assert said == [f"alarm   {alarm}" for alarm in report["alarms"]]
    assert sorted(line.removeprefix("alarm   ").partition(": ")[0] for line in said) == sorted(alarms.values())
    return status, alarms


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_a_planted_drift_ends_with_its_limit(plant: Plant, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    shop = WatchedShop.make(tmp_path, rows=ROWS)
    plant.spoil(shop)
    assert watched(shop, capfd) == (3, plant.alarms)


@pytest.mark.parametrize("seed", [100, 101])
def test_unchanged_data_ends_well(seed: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert watched(WatchedShop.make(tmp_path, seed, ROWS), capfd) == (0, {})
