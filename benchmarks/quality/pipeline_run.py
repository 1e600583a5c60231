"""The product, run as its users run it: `local_runner.py` in a process of its own."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.project import PROJECT
from benchmarks.quality.config_changes import Config, merged
from benchmarks.quality.results import TRAIN, Row
from modules.toml_text import toml_text

# What is measured here must not be kept back: a weak variant is a result too.
_PUSH_ANYTHING = {
    "gate": {
        **dict.fromkeys(("retrieval_drop_max", "auc_drop_max", "drop_max", "coverage_drop_max", "too_good_max"), 1.0),
        **dict.fromkeys(("popularity_at_10_max", "popularity_rise_max", "flat_lists_max", "leak_max"), 1.0),
        **dict.fromkeys(("index_recall_min", "popularity_ratio_min", "final_over_retrieval_min"), 0.0),
        **dict.fromkeys(("score_spread_min", "vocabulary_share_min"), 0.0),
        **dict.fromkeys(("rmse_rise_max", "index_latency_p99_ms_max"), 1e6),
        "slice_size_min": 10**9,
    },
}
REFIT: Config = {"refit": {"splits": ["eval"]}}  # what is pushed learns from eval too, once the gate has passed
_STARTED = re.compile(rb"\[ *\d+/\d+\] (\S+)")


@dataclasses.dataclass(frozen=True)
class Trained:
    """What a run left.

    Attributes:
        servable: the folder of the pushed SavedModel.
        scorecard: `scorecard.json`.
        cpu_seconds: by component, of all processes and threads.
        wall_seconds: of the whole run.
    """

    servable: str
    scorecard: dict[str, Any]
    cpu_seconds: dict[str, float]
    wall_seconds: float

    @property
    def training_seconds(self) -> float:
        """CPU-seconds of the retrieval Trainer, and of its refit if there was one."""
        return self._seconds("Trainer.retrieval")

    @property
    def ranking_seconds(self) -> float:
        """CPU-seconds of the ranking Trainer, and of its refit if there was one."""
        return self._seconds("Trainer.ranking")

    def _seconds(self, component: str) -> float:
        return sum(seconds for name, seconds in self.cpu_seconds.items() if name.startswith(component))

    def row(self, system: str, metrics: dict[str, float], seed: int, group: str = "", learned_from: str = TRAIN) -> Row:
        """Figures of what the run pushed."""
        return Row(system, metrics, group, seed, learned_from, self.scorecard["run"]["code_digest"])


class RunFailed(RuntimeError):
    """The pipeline did not publish anything; the message holds the end of what it printed."""


def run_pipeline(
    data: Path | None,
    schema: str | None,
    config: Config,
    root: Path,
    gated: bool = False,
    keep_published: bool = False,
) -> Trained:
    """Runs the pipeline to the push.

    Args:
        data: folder of the tables; None for the demo shop, with its own schema.
        schema: text of the annotated schema.
        config: of the run, as in `docs/configuration.md`.
        root: the run's folder. What an earlier run published there goes away; its cache is used.
        gated: whether the gates hold; otherwise anything is pushed.
        keep_published: whether what an earlier run published stays, to be compared with and gone on from.

    Raises:
        RunFailed: the exit status is not 0.
    """
    root.mkdir(parents=True, exist_ok=True)
    if not keep_published:
        shutil.rmtree(root / "serving", ignore_errors=True)
    command = [sys.executable, str(PROJECT / "local_runner.py"), "--root", str(root)]
    if data is not None and schema is not None:
        (root / "schema.pbtxt").write_text(schema, encoding="utf-8")
        command += ["--data", str(data), "--schema", str(root / "schema.pbtxt")]
    text = toml_text(config if gated else merged(config, _PUSH_ANYTHING))
    (root / "config.toml").write_text(text, encoding="utf-8")
    if config or not gated:
        command += ["--config", str(root / "config.toml")]
    began = time.monotonic()
    status, printed, seconds = _watch(command)
    if status:
        raise RunFailed(f"exit status {status} of {' '.join(command)}\n{printed[-3000:]}")
    scorecard = json.loads(max((root / "reports").glob("*/scorecard.json"), key=os.path.getmtime).read_text())
    return Trained(scorecard["run"]["pushed_path"], scorecard, seconds, time.monotonic() - began)


def _watch(command: list[str]) -> tuple[int, str, dict[str, float]]:
    """Runs a command; returns its exit status, what it printed, and the CPU-seconds of each component."""
    seconds: dict[str, float] = {}
    printed, current, since, used = b"", "start", 0.0, 0.0
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        watched = psutil.Process(process.pid)
        while chunk := os.read(process.stdout.fileno(), 1 << 16):
            printed += chunk
            used = _cpu_seconds(watched, used)
            if started := _STARTED.findall(printed):
                component = started[-1].decode()
                if component != current:
                    seconds[current] = used - since
                    current, since = component, used
    seconds[current] = used - since
    return process.returncode, printed.decode(errors="replace"), seconds


def _cpu_seconds(process: psutil.Process, before: float) -> float:
    """CPU-seconds of a process, its ended children and those alive; `before` once it has gone."""
    try:
        own = process.cpu_times()
        total = own.user + own.system + own.children_user + own.children_system
        for child in process.children(recursive=True):
            times = child.cpu_times()
            total += times.user + times.system
    except psutil.NoSuchProcess:
        return before
    return max(before, float(total))
