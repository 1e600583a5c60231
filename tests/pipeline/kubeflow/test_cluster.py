"""The real client and a server with state, from uploading to deleting."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
import yaml

import kubeflow_runner
from modules.errors import InputError
from pipeline.kubeflow.api_client import Address
from pipeline.kubeflow.cluster import Cluster
from pipeline.kubeflow.config import KubeflowConfig
from tests.kubeflow_server import KubeflowServer


@pytest.fixture
def cluster(server: KubeflowServer) -> Cluster:
    return Cluster(Address(server.url))


def test_upload_and_run(server: KubeflowServer, cluster: Cluster, compiled: Path) -> None:
    config = KubeflowConfig(service_account="runner")
    uploaded = cluster.upload(compiled, "recommender")
    assert [pipeline["display_name"] for pipeline in server.pipelines.values()] == ["recommender"]
    sent = server.versions[uploaded.version_id]["package"]
    assert list(yaml.safe_load_all(sent)) == list(yaml.safe_load_all(compiled.read_text()))
    assert cluster.upload(compiled, "recommender") == uploaded  # what is there is not sent again
    assert len(server.posted("/pipelines/upload_version")) == 1

    run = cluster.run(uploaded, config, {"span": "18", "seed": 3})
    (body,) = server.posted("/runs")
    assert body["pipeline_version_reference"] == {
        "pipeline_id": uploaded.pipeline_id,
        "pipeline_version_id": uploaded.version_id,
    }
    assert body["runtime_config"] == {
        "parameters": {"span": "18", "seed": 3},
        "pipeline_root": "minio://mlpipeline/v2/artifacts",
    }
    assert body["service_account"] == "runner"
    (shown,) = cluster.runs("recommender")
    assert (shown.id, shown.state) == (run, "PENDING")


def test_a_changed_file_is_another_version(
    server: KubeflowServer, cluster: Cluster, compiled: Path, tmp_path: Path
) -> None:
    first = cluster.upload(compiled, "recommender")
    for number in range(4):  # more than the server shows on a page
        changed = tmp_path / f"{number}.yaml"
        changed.write_text(compiled.read_text().replace("recommender:1", f"recommender:{number + 2}"))
        last = cluster.upload(changed, "recommender")
        assert last.pipeline_id == first.pipeline_id and last.version_id != first.version_id
    assert cluster.upload(changed, "recommender") == last
    assert len(server.pipelines) == 1 and len(server.versions) == 6  # the first upload makes one by the pipeline's name


def test_a_schedule(server: KubeflowServer, cluster: Cluster, compiled: Path) -> None:
    uploaded = cluster.upload(compiled, "recommender")
    made = cluster.schedule(uploaded, KubeflowConfig(cron="0 15 4 * * *", max_concurrency=2), {"seed": 5})
    (body,) = server.posted("/recurringruns")
    assert body["trigger"] == {"cron_schedule": {"cron": "0 15 4 * * *"}}
    assert (body["max_concurrency"], body["no_catchup"], body["mode"]) == (2, True, "ENABLE")
    assert body["runtime_config"]["parameters"] == {"seed": 5}
    assert cluster.schedules("recommender") == [made] and made.enabled

    again = cluster.schedule(uploaded, KubeflowConfig(catch_up=True), {})
    assert server.posted("/recurringruns")[1]["no_catchup"] is False
    assert [schedule.id for schedule in cluster.schedules("recommender")] == [again.id] != [made.id]

    (paused,) = cluster.switch("recommender", enabled=False)
    assert not paused.enabled and server.recurring[again.id]["status"] == "DISABLED"
    (resumed,) = cluster.switch("recommender", enabled=True)
    assert resumed.enabled
    assert [schedule.id for schedule in cluster.unschedule("recommender")] == [again.id]
    assert server.recurring == {} and cluster.schedules("recommender") == [] and cluster.unschedule("recommender") == []
    with pytest.raises(InputError, match="expected a schedule of recommender, received none"):
        cluster.switch("recommender", enabled=True)


def test_other_pipelines_schedules_stay(server: KubeflowServer, cluster: Cluster, compiled: Path) -> None:
    uploaded = cluster.upload(compiled, "recommender")
    other = cluster.schedule(uploaded, KubeflowConfig(name="recommender-refresh"), {})
    cluster.schedule(uploaded, KubeflowConfig(), {})
    cluster.unschedule("recommender")
    assert list(server.recurring) == [other.id]


def test_schedules_left_by_others_are_all_replaced(server: KubeflowServer, cluster: Cluster, compiled: Path) -> None:
    uploaded = cluster.upload(compiled, "recommender")
    first = cluster.schedule(uploaded, KubeflowConfig(), {})
    for number in range(4):
        server.recurring[str(number)] = {**server.recurring[first.id], "recurring_run_id": str(number)}
    last = cluster.schedule(uploaded, KubeflowConfig(), {})
    assert list(server.recurring) == [last.id]


def test_the_server_applies_its_own_rules(
    server: KubeflowServer, cluster: Cluster, tmp_path: Path, compiled: Path
) -> None:
    spec, _ = yaml.safe_load_all(compiled.read_text())
    bad = tmp_path / "bad.yaml"
    bad.write_text(yaml.safe_dump({**spec, "schemaVersion": "2.0.0"}))
    with pytest.raises(InputError) as error:
        cluster.upload(bad, "recommender")
    assert str(error.value) == (
        f"Kubeflow {server.url}: expected a server that takes the request, received HTTP 400 Bad Request: "
        "schemaVersion 2.1.0, not 2.0.0"
    )
    uploaded = cluster.upload(compiled, "recommender")
    with pytest.raises(InputError, match=r"HTTP 400 .*does not declare: \['sead'\]"):
        cluster.run(uploaded, KubeflowConfig(), {"sead": 1})


def test_a_server_that_fails(server: KubeflowServer, cluster: Cluster, compiled: Path) -> None:
    server.fail = (500, "internal error: the database is down")
    with pytest.raises(InputError, match="HTTP 500 Internal Server Error: internal error: the database is down$"):
        cluster.upload(compiled, "recommender")


def test_a_server_that_does_not_answer_in_time(server: KubeflowServer) -> None:
    cluster = Cluster(Address(server.url), timeout=0.2)
    server.delay = 1.0
    with pytest.raises(InputError, match="expected a server that answers, received .*[Tt]imed? ?out"):
        cluster.schedules("recommender")


def test_no_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(InputError, match="expected a server that answers, received NewConnectionError"):
        Cluster(Address(f"http://127.0.0.1:{port}"), timeout=1.0).schedules("recommender")


def test_a_token(server: KubeflowServer) -> None:
    server.token = "secret-token"
    with pytest.raises(InputError, match="HTTP 401") as error:
        Cluster(Address(server.url, token="wrong-token")).schedules("recommender")
    assert "wrong-token" not in str(error.value)
    assert Cluster(Address(server.url, token="secret-token")).schedules("recommender") == []


def test_as_a_person_does_it(
    server: KubeflowServer, compiled: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {"KFP_HOST": server.url}

    def run(*words: str) -> tuple[int, str, str]:
        status = kubeflow_runner.main(list(words), environment)
        said = capsys.readouterr()
        return status, said.out, said.err

    assert run("submit", "--package", str(compiled), "--param", "seed=9")[0] == 0
    assert server.posted("/runs")[0]["runtime_config"]["parameters"] == {"seed": 9}
    for _ in range(2):
        assert run("schedule", "--package", str(compiled))[0] == 0
    assert len(server.recurring) == 1
    status, out, _ = run("status")
    assert status == 0 and "0 30 3 * * *  enabled" in out and "PENDING" in out
    assert "paused" in run("schedule", "--pause")[1] and "enabled" in run("schedule", "--resume")[1]
    assert run("unschedule")[1] == "removed 1 schedules of recommender\n"
    assert server.recurring == {}

    for words, complaint in (
        (
            ("submit", "--package", str(compiled), "--param", "sead=1"),
            "flags, --param: expected NAME=VALUE with a name out",
        ),
        (("submit", "--package", str(compiled), "--param", "seed=x"), "flags, --param seed: expected a whole number"),
        (("submit", "--package", "absent.yaml"), "package absent.yaml: expected a readable YAML file"),
        (("submit",), "flags: expected --data and --schema"),
        (
            ("submit", "--package", str(compiled), "--data", "/x"),
            "expected --package, or --data and --schema, received both",
        ),
        (
            ("submit", "--package", str(compiled), "--serving", "s3://other/serving"),
            "flags, --serving: expected --param serving=… beside --package, received s3://other/serving",
        ),
        (("schedule", "--pause", "--resume"), "flags: expected those of --help"),
        (("fly",), "flags: expected those of --help"),
    ):
        status, _, error = run(*words)
        assert status == 2 and complaint in error and error.count("\n") == 1, error
    server.fail = (503, "no healthy upstream")
    status, _, error = run("status")
    assert (status, error.count("\n")) == (2, 1) and "HTTP 503" in error


def test_nothing_secret_is_sent(server: KubeflowServer, cluster: Cluster, compiled: Path) -> None:
    cluster.schedule(cluster.upload(compiled, "recommender"), KubeflowConfig(), {})
    assert "secret@" not in json.dumps(server.requests)
