"""A task's command line, and the paths behind its URIs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.kubeflow.invocation import Invocation
from components.kubeflow.launcher_copies import LauncherCopies

SCHEMA = {"instanceSchema": "title: tfx.Examples\ntype: object\n"}
DECLARED = {
    "artifacts": {"examples": {"artifactType": SCHEMA}, "baseline": {"artifactType": SCHEMA}},
    "parameters": {
        "seed": {"parameterType": "NUMBER_INTEGER"},
        "share": {"parameterType": "NUMBER_DOUBLE"},
        "source": {"parameterType": "STRING"},
    },
}
# As the launcher of Kubeflow Pipelines 2.x writes it.
MESSAGE: dict[str, Any] = {
    "inputs": {
        "parameterValues": {"seed": 7.0, "share": 1, "source": "s3://bucket/data"},
        "artifacts": {
            "examples": {"artifacts": [{"name": "n", "type": {}, "uri": "minio://b/examples", "metadata": {}}]},
            "baseline": {},
        },
    },
    "outputs": {
        "artifacts": {"model": {"artifacts": [{"name": "m", "type": SCHEMA, "uri": "minio://b/model"}]}},
        "outputFile": "/tmp/kfp_outputs/output_metadata.json",
    },
}


def command(message: dict[str, Any]) -> list[str]:
    return [
        "--executor_class_path",
        "components.gate.Executor",
        "--json_serialized_invocation_args",
        json.dumps(message),
        "--json_serialized_inputs_spec_args",
        json.dumps(DECLARED),
        "--runner=DirectRunner",
        "--direct_num_workers=2",
    ]


def test_what_it_says() -> None:
    found = Invocation.parse(command(MESSAGE))
    assert found.executor == "components.gate.Executor"
    assert found.inputs == {"examples": [{"name": "n", "type": SCHEMA, "uri": "minio://b/examples", "metadata": {}}]}
    assert found.outputs == {"model": [{"name": "m", "type": SCHEMA, "uri": "minio://b/model"}]}
    assert found.parameters == {"seed": 7, "share": 1, "source": "s3://bucket/data"}
    assert type(found.parameters["seed"]) is int
    assert found.output_file == "/tmp/kfp_outputs/output_metadata.json"
    assert found.beam_args == ("--runner=DirectRunner", "--direct_num_workers=2")


def test_a_task_without_inputs() -> None:
    found = Invocation.parse(command({"outputs": {"outputFile": "/x"}}))
    assert (found.inputs, found.outputs, found.parameters) == ({}, {}, {})


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("minio://b/k/x", "/minio/b/k/x"),
        ("s3://b/k", "/s3/b/k"),
        ("gs://b/k", "/gcs/b/k"),
        ("/mnt/x", "/mnt/x"),
        ("hdfs://b/k", "hdfs://b/k"),
        ("see s3://b/k", "see s3://b/k"),
    ],
)
def test_paths_of_copies(uri: str, path: str) -> None:
    assert LauncherCopies().to_paths({"a": [{"uri": uri, "n": 1}]}) == {"a": [{"uri": path, "n": 1}]}
    assert LauncherCopies("/tmp/root/").to_paths(uri) == (f"/tmp/root{path}" if path[1:2] in "msg" else path).replace(
        "/tmp/root/mnt", "/mnt"
    )


KEYS = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1).map(lambda key: key.lstrip("/") or "k")


@given(st.sampled_from(["minio", "s3", "gs"]), KEYS, st.sampled_from(["/", "/tmp/launcher"]))
def test_there_and_back(store: str, key: str, root: str) -> None:
    copies, uri = LauncherCopies(root), f"{store}://{key}"
    assert copies.to_uris(copies.to_paths({"x": uri})) == {"x": uri}
