"""The command of every task."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tfx.proto import example_gen_pb2
from tfx.utils import proto_utils

from components.kubeflow import entrypoint
from components.kubeflow.example_gen_driver import is_file_example_gen, with_span
from components.kubeflow.invocation import Invocation

PROJECT = Path(__file__).parents[3]


def command(executor: str, parameters: dict[str, Any], outputs: dict[str, str], output_file: Path) -> list[str]:
    """What the launcher starts; outputs: name → (type, URI)."""
    artifacts = {
        name: {"artifacts": [{"name": name, "type": {"instanceSchema": "title: tfx.Schema\n"}, "uri": uri}]}
        for name, uri in outputs.items()
    }
    message = {
        "inputs": {"parameterValues": parameters},
        "outputs": {"outputFile": str(output_file), "artifacts": artifacts},
    }
    words = ["--executor_class_path", executor, "--json_serialized_invocation_args", json.dumps(message)]
    return [*words, "--json_serialized_inputs_spec_args", "{}"]


SCHEMA_WRITER = "components.table_schemas.annotated_schema.AnnotatedSchema_Executor"


@pytest.mark.parametrize(("copies", "scheme"), [("1", "s3://bucket/"), ("0", "")])
def test_artifacts_are_where_the_launcher_looks(tmp_path: Path, copies: str, scheme: str) -> None:
    where = f"{scheme}run/schema" if scheme else str(tmp_path / "real" / "schema")
    words = command(SCHEMA_WRITER, {"text": "feature {}"}, {"schema": where}, tmp_path / "out.json")
    environment = {"KFP_LAUNCHER_COPIES": copies, "KFP_LAUNCHER_ROOT": str(tmp_path)}
    assert entrypoint.main(words, environment) == 0
    folder = tmp_path / "s3" / "bucket" / "run" / "schema" if scheme else Path(where)
    assert (folder / "schema.pbtxt").read_text() == "feature {}"
    (made,) = json.loads((tmp_path / "out.json").read_text())["artifacts"]["schema"]["artifacts"]
    assert made["uri"] == where


def test_a_mistake_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = command(
        "components.publishing.baseline.BaselineModels_Executor",
        {"serving_root": "nowhere://x", "version": -1, "schema_digest": ""},
        dict.fromkeys(
            ("servable", "retriever", "ranking", "retrieval_state", "ranking_state", "statistics"), str(tmp_path / "a")
        ),
        tmp_path / "out.json",
    )
    assert entrypoint.main(words, {}) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: nowhere://x: expected a folder, or a URL") and said.count("\n") == 1


def test_a_bug_keeps_its_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = command("components.kubeflow.nothing.Executor", {}, {}, tmp_path / "out.json")
    assert entrypoint.main(words, {}) == 1
    assert "ModuleNotFoundError" in capsys.readouterr().err


def test_it_imports_nothing_heavy_before_it_knows_its_task() -> None:
    code = "import sys, components.kubeflow.entrypoint\n"
    code += "print(sorted({'tensorflow', 'apache_beam', 'tfx'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"


def test_the_driver_of_file_example_gens_finds_the_newest_span(tmp_path: Path) -> None:
    for span in (3, 12):
        (tmp_path / f"span-{span}").mkdir()
        (tmp_path / f"span-{span}" / "rows.csv").write_text("a\n1\n")
    split = example_gen_pb2.Input.Split(name="all", pattern="span-{SPAN}/*")
    given = {
        "input_base": str(tmp_path),
        "input_config": proto_utils.proto_to_json(example_gen_pb2.Input(splits=[split])),
    }
    orders = Invocation.parse(command("e", given, {}, tmp_path / "out.json"))
    assert is_file_example_gen(orders)
    found = with_span(orders).parameters
    assert (found["span"], found["version"], found["input_base"]) == (12, None, str(tmp_path))
    config = example_gen_pb2.Input()
    proto_utils.json_to_proto(found["input_config"], config)
    assert config.splits[0].pattern == "span-12/*"
    assert found["input_fingerprint"].startswith("split:all,num_files:1")
    assert not is_file_example_gen(Invocation.parse(command("e", {"source": "x"}, {}, tmp_path / "out.json")))
