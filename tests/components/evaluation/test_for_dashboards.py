"""What the dashboards read from an evaluation that TFX's Evaluator wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.dashboards.evaluations import read_model
from components.evaluation.eval_config import ranking_eval_config
from components.gate.config import GateConfig
from tests.components.evaluation.conftest import Evaluate
from tests.components.evaluation.test_ranking_metrics import RATED, STARS, Echo


def test_with_a_baseline(evaluate: Evaluate) -> None:
    config = ranking_eval_config(RATED, GateConfig(), ["device"])
    found = read_model(evaluate(config, STARS, Echo("target"), Echo("target", shift=1.0)).folder, "the last one")
    assert [(part.column, part.value) for part in found.slices] == [("", ""), ("device", "app"), ("device", "web")]
    assert [(part.column, part.value) for part in found.baseline] == [("", ""), ("device", "app"), ("device", "web")]
    # errors -1, 0, 2; with the shift 0, 1, 3
    assert (found.overall["mae"], found.baseline_overall["mae"]) == pytest.approx((1.0, 4 / 3))
    assert found.overall["mae_diff"] == pytest.approx(-1 / 3)
    assert found.slices[2].metrics["rmse"] == pytest.approx(2.0)
    assert found.baseline[2].metrics["rmse"] == pytest.approx(3.0)
    assert (found.size, found.baseline_name) == ("rows", "the last one")


def test_without_one(evaluate: Evaluate) -> None:
    found = read_model(evaluate(ranking_eval_config(RATED, GateConfig()), STARS, Echo("target")).folder, "x")
    assert found.overall["mae"] == pytest.approx(1.0)
    assert (found.baseline, found.baseline_name) == ([], "")


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_model(tmp_path, "x")
