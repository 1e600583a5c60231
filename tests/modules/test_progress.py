"""Figures of an epoch, for people and for the report."""

from __future__ import annotations

import logging

import pytest

from modules.progress import PROGRESS_PREFIX, EpochProgress, curves_of


def test_a_line_an_epoch(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="absl"):
        progress = EpochProgress("retrieval", 30)
        progress.on_epoch_end(1, {"mean_loss": 1.25, "loss": 9.0, "val_ndcg@10": 0.5})
    (line,) = [record.getMessage() for record in caplog.records]
    assert line == f"{PROGRESS_PREFIX}retrieval epoch 2/30  mean_loss 1.2500  val_ndcg@10 0.5000  0 s"


def test_curves() -> None:
    kept = curves_of({"loss": [1.0], "mean_loss": [2, 1], "val_mean_loss": [3.0], "val_ndcg@10": [0.5]})
    assert kept == {"mean_loss": [2.0, 1.0], "val_mean_loss": [3.0], "val_ndcg@10": [0.5]}
