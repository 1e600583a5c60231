"""The file tree of the image, put together as the Dockerfile says, without docker."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from components.local_run.code_version import code_version

PROJECT = Path(__file__).parents[1]
INSTRUCTIONS = [
    line.split(maxsplit=1)
    for line in re.sub(r"\\\n", " ", (PROJECT / "Dockerfile").read_text()).splitlines()
    if line.strip() and not line.startswith("#")
]
IGNORED = [line for line in (PROJECT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
FINAL = max(index for index, (word, _) in enumerate(INSTRUCTIONS) if word == "FROM")


def in_context(path: str) -> bool:
    """Whether docker is sent the file: of the patterns of .dockerignore, the last one that fits decides."""
    parents = ["/".join(path.split("/")[: end + 1]) for end in range(path.count("/") + 1)]
    sent = True
    for pattern in IGNORED:
        wanted, bare = pattern.startswith("!"), pattern.removeprefix("!").removeprefix("**/")
        names = [part for parent in parents for part in ([parent.split("/")[-1]] if "**/" in pattern else [parent])]
        if any(fnmatch.fnmatchcase(name, bare) for name in names):
            sent = wanted
    return sent


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip(f"not a git checkout: {listed.stderr.strip()}")
    return [name for name in listed.stdout.split("\0") if name and (PROJECT / name).is_file()]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the final layers hold in the working directory, but for the Python environment."""
    root = tmp_path_factory.mktemp("image") / "app"
    root.mkdir()
    files = [name for name in tracked() if in_context(name)]
    for word, rest in INSTRUCTIONS[FINAL:]:
        if word == "COPY" and not rest.startswith("--from"):
            *sources, target = shlex.split(rest)
            for source in sources:
                copied = [name for name in files if name == source or name.startswith(f"{source}/")]
                assert copied, f"COPY {source}: nothing of it is sent to docker"
                for name in copied:
                    place = root / target / Path(name).relative_to(source if name != source else Path(source).parent)
                    place.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(PROJECT / name, place)
    return root


def run(tree: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs Python as the image would: nothing but its tree, and its variables."""
    variables = dict(re.findall(r"(\w+)=(\S+)", dict(INSTRUCTIONS[FINAL:])["ENV"]))
    assert variables["PYTHONPATH"] == dict(INSTRUCTIONS[FINAL:])["WORKDIR"] == "/app"
    variables |= {"PYTHONPATH": str(tree), "PATH": os.environ["PATH"], "CUDA_VISIBLE_DEVICES": "-1", **environment}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=tree, env=variables, capture_output=True, text=True, check=False, timeout=300)


def test_what_docker_is_sent() -> None:
    assert in_context("modules/retrieval.py") and in_context("uv.lock") and in_context("schema/demo_shop.pbtxt")
    for name in (
        "runs/metadata.db",
        ".env",
        ".git/config",
        "tests/conftest.py",
        "modules/__pycache__/x.pyc",
        "notes.md",
    ):
        assert not in_context(name), name


def test_the_code_is_all_there(tree: Path) -> None:
    assert code_version(tree) == code_version(PROJECT)
    packages = ("components", "modules", "pipeline", "datasets", "schema")
    wanted = {name for name in tracked() if name.split("/")[0] in packages}
    assert {path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file()} >= wanted


def test_the_final_layers() -> None:
    final = dict(INSTRUCTIONS[FINAL:])
    assert final["FROM"] == "python:3.11-slim"
    assert final["USER"] == "recommender" and json.loads(final["ENTRYPOINT"]) == [
        "python",
        "-m",
        "components.kubeflow.entrypoint",
    ]
    assert "TF_USE_LEGACY_KERAS=1" in final["ENV"]
    ran = " ".join(rest for word, rest in INSTRUCTIONS[FINAL:] if word == "RUN")
    assert not re.search(r"\b(gcc|g\+\+|build-essential|uv|pip)\b", ran)
    build = " ".join(rest for word, rest in INSTRUCTIONS[:FINAL] if word == "RUN")
    assert "--frozen" in build and "--no-dev" in build


def test_the_entry_point_runs_a_task_from_it(tree: Path, tmp_path: Path) -> None:
    """AnnotatedSchema, with object-store URIs, as the launcher would call it."""
    message: dict[str, Any] = {
        "inputs": {"parameterValues": {"text": (PROJECT / "schema" / "demo_shop.pbtxt").read_text()}},
        "outputs": {
            "outputFile": str(tmp_path / "output.json"),
            "artifacts": {
                "schema": {
                    "artifacts": [
                        {
                            "name": "schema",
                            "type": {"instanceSchema": "title: tfx.Schema\ntype: object\n"},
                            "uri": "s3://bucket/run/annotated-schema/schema",
                        }
                    ]
                }
            },
        },
    }
    declared = {"parameters": {"text": {"parameterType": "STRING"}}}
    words = ["--executor_class_path", "components.table_schemas.annotated_schema.AnnotatedSchema_Executor"]
    words += ["--json_serialized_invocation_args", json.dumps(message)]
    words += ["--json_serialized_inputs_spec_args", json.dumps(declared)]
    done = run(tree, "-m", "components.kubeflow.entrypoint", *words, KFP_LAUNCHER_ROOT=str(tmp_path))
    assert done.returncode == 0, done.stderr
    written = tmp_path / "s3" / "bucket" / "run" / "annotated-schema" / "schema" / "schema.pbtxt"
    assert written.read_text() == message["inputs"]["parameterValues"]["text"]
    (made,) = json.loads((tmp_path / "output.json").read_text())["artifacts"]["schema"]["artifacts"]
    assert (made["name"], made["uri"]) == ("schema", "s3://bucket/run/annotated-schema/schema")


def test_it_finds_everything_that_a_pipeline_names(tree: Path, tmp_path: Path) -> None:
    words = ["compile", "--data", "/mnt/shop", "--schema", "schema/demo_shop.pbtxt"]
    done = run(tree, "kubeflow_runner.py", *words, "--output", str(tmp_path / "nightly.yaml"))
    assert done.returncode == 0, done.stderr
    executors = set(
        re.findall(r"- ((?:components|tfx)\.[\w.]+)$", (tmp_path / "nightly.yaml").read_text(), re.MULTILINE)
    )
    assert len(executors) > 10
    code = "import importlib, sys\nfor path in sys.argv[1:]:\n    module, _, name = path.rpartition('.')\n"
    code += "    getattr(importlib.import_module(module), name)\n"
    assert run(tree, "-c", code, *executors - {"components.kubeflow.entrypoint"}).returncode == 0
