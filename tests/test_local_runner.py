"""Flags, environment and exit statuses of the local runner; tests/e2e runs it to the end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import local_runner
from components.publishing.store import PublishedStore
from local_runner import main, parse_flags
from modules.errors import InputError
from pipeline.inputs import Destination, RunInputs
from tests.tiny_shop import TinyShop

PROJECT = Path(__file__).parents[1]


def test_flags() -> None:
    flags, beam = parse_flags(["--data", "d", "--schema", "s", "--config", "c", "--root", "r"])
    assert (flags.data, flags.schema, flags.config, flags.root) == ("d", "s", "c", "r")
    assert beam == []


def test_without_flags_it_is_the_demo_shop() -> None:
    flags, beam = parse_flags([])
    assert (flags.data, flags.schema, flags.config, flags.root) == (None, None, None, "runs")
    assert beam == []


def test_options_for_beam() -> None:
    flags, beam = parse_flags(["--root", "r", "--", "--runner=FlinkRunner", "--root=x"])
    assert flags.root == "r"
    assert beam == ["--runner=FlinkRunner", "--root=x"]


@pytest.mark.parametrize("arguments", [["--data", "d"], ["--schema", ""], ["--data", "", "--root", "r"]])
def test_data_and_schema_go_together(arguments: list[str]) -> None:
    with pytest.raises(InputError, match="together with"):
        parse_flags(arguments)


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    out = capsys.readouterr().out
    flags = ("--data URL_OR_DIR", "--schema FILE", "--config FILE", "--root DIR", "--baseline-root DIR")
    for said in (*flags, "BEAM_OPTION", "Exit status"):
        assert said in out


def test_a_bug_is_shown_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, refresh: bool) -> None:
        raise ZeroDivisionError("a bug in a component")

    shop = TinyShop.make(tmp_path).write()
    monkeypatch.setattr(local_runner, "_run_pipeline", broken)
    assert shop.run() == 1
    out, err = capfd.readouterr()
    assert "Traceback" in err and "ZeroDivisionError: a bug in a component" in err
    (report,) = shop.root.glob("reports/*/scorecard.json")
    assert f"report  {report.with_name('index.html')}" in out
    run = json.loads(report.read_text())["run"]
    assert (run["verdict"], run["exit_status"], run["error"]) == ("failed", 1, "a bug in a component")


def test_a_pipeline_that_leaves_nothing_was_not_pushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_runner, "_run_pipeline", lambda *_, refresh: None)
    assert TinyShop.make(tmp_path).write().run() == 1


def test_runs_within_a_second_have_reports_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_runner, "_run_pipeline", lambda *_, refresh: None)
    shop = TinyShop.make(tmp_path).write()
    for _ in range(3):
        shop.run()
    assert len(list(shop.root.glob("reports/*/scorecard.json"))) == 3
    assert len(list(shop.root.glob("logs/*.log"))) == 3


def test_wrong_options_for_beam(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    shop = TinyShop.make(tmp_path).write()
    assert main([*shop.arguments(), "--", "--direct_num_workers=many"]) == 2
    err = capfd.readouterr().err
    assert err.startswith("error: flags after --: expected options for Beam, received argument --direct_num_workers")
    assert err.count("\n") == 1
    assert not (shop.root / "artifacts").exists()


def test_importing_it_is_quick() -> None:
    """Nothing heavy is loaded before flags, configuration, schema and tables have been looked at."""
    program = "import sys, local_runner; print({'tensorflow', 'apache_beam', 'tfx', 'pandas'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def destinations(monkeypatch: pytest.MonkeyPatch) -> list[Destination]:
    """What runs are told about where to publish and what to compare with; they stop there."""
    told: list[Destination] = []
    monkeypatch.setattr(
        local_runner, "_run_pipeline", lambda _inputs, destination, *_, refresh: told.append(destination)
    )
    return told


def publish(root: Path, **manifest: object) -> int:
    model = root / "model"
    model.mkdir(parents=True)
    (model / "saved_model.pb").write_bytes(b"")
    return PublishedStore(root / "serving").publish(model, {}, manifest)


def test_the_newest_version_of_the_root_is_the_baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told, shop = destinations(monkeypatch), TinyShop.make(tmp_path).write()
    shop.run()
    version = publish(shop.root, run_digest="another")
    shop.run()
    assert [(one.baseline_version, one.withdrawn) for one in told] == [(0, False), (version, False)]
    assert {one.serving_root for one in told} == {one.baseline_root for one in told} == {str(shop.root / "serving")}


def test_another_root_may_hold_the_baseline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    told, shop = destinations(monkeypatch), TinyShop.make(tmp_path / "shop").write()
    production = tmp_path / "production"
    flags = {"baseline-root": str(production)}
    assert shop.run(**flags) == 2
    assert "error: --baseline-root: expected the root of a run that published a version" in capfd.readouterr().err
    publish(shop.root)
    version = publish(production)
    shop.run(**flags)
    assert (told[0].baseline_root, told[0].baseline_version) == (str(production / "serving"), version)
    assert told[0].serving_root == str(shop.root / "serving")


def test_a_run_that_was_rolled_back_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told, shop = destinations(monkeypatch), TinyShop.make(tmp_path).write()
    monkeypatch.setattr(RunInputs, "digest", lambda _: "bad")
    publish(shop.root, withdrawn={"versions": [5], "run_digests": ["bad"]})
    shop.run()
    monkeypatch.setattr(RunInputs, "digest", lambda _: "good")
    shop.run()
    assert [one.withdrawn for one in told] == [True, False]
