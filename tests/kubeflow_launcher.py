"""Runs a compiled pipeline task by task with KFP's own local driver, and each task as the launcher in a cluster does.

kfp.local orders the tasks, resolves their inputs and hands results on. In place of its handler for Python functions,
each container gets what open-source Kubeflow's launcher gives it: inputs without types, URIs of an object store, copies
of the inputs' objects in a folder that nothing else is in, and only the files that it leaves under its outputs' URIs
are kept. A folder stands for the object store.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import yaml
from google.protobuf import json_format
from kfp.local import config as local_config
from kfp.local import pipeline_orchestrator, status, subprocess_task_handler
from kfp.pipeline_spec import pipeline_spec_pb2

from components.kubeflow.invocation import INVOCATION

PROJECT = Path(__file__).parents[1]
BUCKET = "s3://artifacts/recommender"


@dataclasses.dataclass(frozen=True)
class Attempt:
    """A try at a task.

    Attributes:
        task: its name.
        number: from 1.
        status: of its process.
        said: what it printed.
        seconds: wall time.
    """

    task: str
    number: int
    status: int
    said: str
    seconds: float


@dataclasses.dataclass
class Launcher:
    """Where a pipeline's artifacts are and how its tasks run.

    Attributes:
        folder: for the object store and the tasks' own files.
        project: what is in the image.
        environment: of the pods, beside what the pipeline says.
        kill: names of tasks whose first try is killed in the middle.
        attempts: all that there were, in order.
    """

    folder: Path
    project: Path = PROJECT
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)
    kill: frozenset[str] = frozenset()
    attempts: list[Attempt] = dataclasses.field(default_factory=list)

    @property
    def store(self) -> Path:
        """The folder that stands for the object store."""
        return self.folder / "store"

    def run(self, package: Path, **parameters: Any) -> bool:
        """Executes the file as it is; whether all tasks succeeded."""
        documents = list(yaml.safe_load_all(package.read_text()))
        spec = json_format.ParseDict(documents[0], pipeline_spec_pb2.PipelineSpec())
        with _driver(lambda command: self._task(command, documents[0])), contextlib.redirect_stdout(io.StringIO()):
            local_config.LocalExecutionConfig(local_config.SubprocessRunner(use_venv=False), str(self.store), True)
            try:
                pipeline_orchestrator.run_local_pipeline(spec, parameters)
            except RuntimeError as error:
                if "Inner task failed" not in str(error):
                    raise
                return False
        return True

    def metadata(self, task: str, output: str) -> dict[str, Any]:
        """What the newest run of a task said of an output; the output itself may have left no file."""
        file = max(self.store.glob(f"*/{task}/executor_output.json"), key=lambda path: path.stat().st_mtime)
        (artifact,) = json.loads(file.read_text())["artifacts"][output]["artifacts"]
        found: dict[str, Any] = artifact["metadata"]
        return found

    def _task(self, command: list[str], spec: dict[str, Any]) -> bool:
        """Tries a task until it succeeds, or as often as the pipeline says."""
        place = command.index(INVOCATION) + 1
        message = json.loads(command[place])
        name = Path(message["outputs"]["outputFile"]).parent.name
        container = spec["deploymentSpec"]["executors"][f"exec-{name}"]["container"]
        pod = {variable["name"]: variable["value"] for variable in container.get("env", [])}
        retries = spec["root"]["dag"]["tasks"][name].get("retryPolicy", {}).get("maxRetryCount", 0)
        return any(self._attempt(name, number, command, place, message, pod) for number in range(1, retries + 2))

    def _attempt(
        self, name: str, number: int, command: list[str], place: int, message: dict[str, Any], pod: Mapping[str, str]
    ) -> bool:
        disk = self.folder / "disks" / f"{name}-{number}"
        output_file = disk / "kfp_outputs" / "output_metadata.json"
        output_file.parent.mkdir(parents=True)
        given = json.loads(json.dumps(message).replace(str(self.store), BUCKET))
        given["outputs"]["outputFile"] = str(output_file)
        bucket = disk / BUCKET.replace("://", "/")
        for artifact in _artifacts(given["inputs"]):
            artifact["type"] = {}
            _copy_files(self.store / _key(artifact["uri"]), bucket / _key(artifact["uri"]))
        copies = {artifact["uri"]: bucket / _key(artifact["uri"]) for artifact in _artifacts(given["outputs"])}
        for path in copies.values():
            path.parent.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, **self.environment, **pod, "KFP_LAUNCHER_ROOT": str(disk)}
        words = [sys.executable if word == "python" else word for word in command]
        words[place] = json.dumps(given)
        began = time.monotonic()
        process = subprocess.Popen(
            words, cwd=self.project, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if name in self.kill and number == 1:
            threading.Thread(target=_kill_when, args=(process, [*copies.values()]), daemon=True).start()
        said, _ = process.communicate()
        self.attempts.append(Attempt(name, number, process.returncode, said, time.monotonic() - began))
        if process.returncode == 0:
            for uri, path in copies.items():
                _copy_files(path, self.store / _key(uri))
            kept = Path(message["outputs"]["outputFile"])
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(output_file.read_text().replace(BUCKET, str(self.store)))
        shutil.rmtree(disk)
        return process.returncode == 0


def _kill_when(process: subprocess.Popen[str], outputs: list[Path]) -> None:
    """Kills a task once it has begun to write."""
    while process.poll() is None:
        if any(path.is_dir() and any(path.iterdir()) for path in outputs):
            process.kill()
            return
        time.sleep(0.01)


def _artifacts(side: dict[str, Any]) -> list[dict[str, Any]]:
    return [artifact for some in side.get("artifacts", {}).values() for artifact in some["artifacts"]]


def _key(uri: str) -> str:
    return uri.removeprefix(f"{BUCKET}/")


def _copy_files(source: Path, target: Path) -> None:
    """As an object store does: a folder without files is none."""
    for file in [source] if source.is_file() else sorted(source.rglob("*")):
        if file.is_file():
            copy = target / file.relative_to(source) if source.is_dir() else target
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)


@contextlib.contextmanager
def _driver(run: Callable[[list[str]], bool]) -> Iterator[None]:
    """Lets kfp.local run containers, too: it takes Python functions only."""

    class Handler:
        def __init__(self, image: str, full_command: list[str], pipeline_root: str, runner: object) -> None:
            self._command = full_command

        def run(self) -> status.Status:
            return status.Status.SUCCESS if run(self._command) else status.Status.FAILURE

    with mock.patch.object(subprocess_task_handler, "SubprocessTaskHandler", Handler):
        yield
