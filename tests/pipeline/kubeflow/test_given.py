"""What is sent of a package, beside what the configuration says: to a server with state, by the command."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import kubeflow_runner
from tests.kubeflow_server import KubeflowServer


@pytest.fixture
def refresh(compiled: Path, tmp_path: Path) -> Path:
    """A refresh with a name and a root of its own, made from a configuration that is not at hand any more."""
    config = tmp_path / "refresh.toml"
    config.write_text('[kubeflow]\nname = "shop"\npipeline_root = "s3://shop/artifacts"\n')
    words = ["compile", "--pipeline", "refresh", "--data", "/mnt/shop", "--schema", "schema/demo_shop.pbtxt"]
    assert kubeflow_runner.main([*words, "--config", str(config), "--output", str(tmp_path / "refresh.yaml")], {}) == 0
    return tmp_path / "refresh.yaml"


def test_a_package_is_sent_under_its_own_name_and_to_its_own_root(
    server: KubeflowServer, refresh: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = {"KFP_HOST": server.url}
    assert kubeflow_runner.main(["submit", "--package", str(refresh)], environment) == 0
    assert kubeflow_runner.main(["schedule", "--package", str(refresh)], environment) == 0
    assert [pipeline["display_name"] for pipeline in server.pipelines.values()] == ["shop-refresh"]
    assert [schedule["display_name"] for schedule in server.recurring.values()] == ["shop-refresh"]
    for path in ("/runs", "/recurringruns"):
        (body,) = server.posted(path)
        assert body["runtime_config"]["pipeline_root"] == "s3://shop/artifacts"
    assert server.posted("/recurringruns")[0]["trigger"] == {"cron_schedule": {"cron": "0 30 3 * * *"}}
    capsys.readouterr()
    assert kubeflow_runner.main(["status", "--package", str(refresh)], environment) == 0
    assert "0 30 3 * * *  enabled" in capsys.readouterr().out
    assert kubeflow_runner.main(["unschedule", "--package", str(refresh)], environment) == 0
    assert server.recurring == {}


def test_the_schedule_comes_from_the_configuration(server: KubeflowServer, refresh: Path, tmp_path: Path) -> None:
    config = tmp_path / "hourly.toml"
    config.write_text((tmp_path / "refresh.toml").read_text() + 'cron = "0 0 * * * *"\nmax_concurrency = 3\n')
    words = ["schedule", "--package", str(refresh), "--config", str(config)]
    assert kubeflow_runner.main(words, {"KFP_HOST": server.url}) == 0
    (body,) = server.posted("/recurringruns")
    assert (body["display_name"], body["max_concurrency"]) == ("shop-refresh", 3)
    assert body["trigger"] == {"cron_schedule": {"cron": "0 0 * * * *"}}


@pytest.mark.parametrize(
    ("flags", "configured", "complaint"),
    [
        (
            (),
            'name = "shop"',
            "expected the pipeline root of the configuration, minio://mlpipeline/v2/artifacts, received",
        ),
        (
            (),
            'pipeline_root = "s3://shop/artifacts"',
            "expected the pipeline recommender or recommender-refresh, received",
        ),
        (("--pipeline", "nightly"), None, "expected the pipeline shop, received shop-refresh"),
    ],
)
def test_a_package_that_is_not_what_was_asked_for(
    server: KubeflowServer,
    refresh: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    flags: tuple[str, ...],
    configured: str | None,
    complaint: str,
) -> None:
    words = ["schedule", "--package", str(refresh), *flags]
    if configured is not None:
        (tmp_path / "other.toml").write_text(f"[kubeflow]\n{configured}\n")
        words += ["--config", str(tmp_path / "other.toml")]
    assert kubeflow_runner.main(words, {"KFP_HOST": server.url}) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"error: package {refresh}: {complaint}") and said.count("\n") == 1
    assert server.requests == []


def test_the_refresh_is_scheduled_beside_the_nightly_pipeline(
    server: KubeflowServer, compiled: Path, tmp_path: Path
) -> None:
    environment = {"KFP_HOST": server.url}
    config = tmp_path / "refresh.toml"
    config.write_text('[kubeflow]\ncron = "0 0 9-21 * * *"\n')
    assert kubeflow_runner.main(["schedule", "--package", str(compiled)], environment) == 0
    words = ["schedule", "--pipeline", "refresh", "--data", "/mnt/shop", "--schema", "schema/demo_shop.pbtxt"]
    assert kubeflow_runner.main([*words, "--config", str(config)], environment) == 0
    crons = {made["display_name"]: made["trigger"]["cron_schedule"]["cron"] for made in server.recurring.values()}
    assert crons == {"recommender": "0 30 3 * * *", "recommender-refresh": "0 0 9-21 * * *"}
    packages = {
        server.pipelines[version["pipeline_id"]]["display_name"]: next(yaml.safe_load_all(version["package"]))
        for version in server.versions.values()
    }
    assert "published-recommender" in packages["recommender-refresh"]["root"]["dag"]["tasks"]
    assert "trainer-retrieval" in packages["recommender"]["root"]["dag"]["tasks"]
    assert kubeflow_runner.main(["unschedule", "--pipeline", "refresh"], environment) == 0
    assert [made["display_name"] for made in server.recurring.values()] == ["recommender"]
