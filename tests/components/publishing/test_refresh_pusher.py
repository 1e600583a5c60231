"""A refreshed catalogue is published over the version whose models it has, and over no other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tfx.types import standard_artifacts
from tfx.types.artifact import Artifact

from components.artifacts import CandidateIndex
from components.blessing import INFRA_MARKERS, MODEL_MARKERS, bless
from components.folder_digest import folder_digest
from components.publishing.parts import VERSION
from components.publishing.refresh_pusher import RefreshPusherExecutor
from components.publishing.refreshed import models_for, refresh_digest
from components.publishing.rollback import roll_back
from components.publishing.store import PublishedStore
from components.publishing.verified import fetch_verified
from modules.errors import InputError

PARTS = ("retriever", "ranking", "served_retrieval", "served_index", "transform_graph", "metrics.json")


def written(path: Path, text: str) -> Path:
    """A folder with a file that says so, or a file of that name."""
    file = path if path.suffix == ".json" else path / "saved_model.pb"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return path


class Shop:
    """A store, and what a refresh hands to its pusher."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.store = folder, PublishedStore(folder / "serving")

    def nightly(self, name: str) -> int:
        """Publishes what a whole run would."""
        servable = written(self.folder / name / "servable", name)
        parts = {part: written(self.folder / name / part, f"{part} of {name}") for part in PARTS}
        digests = {part: folder_digest(path) for part, path in ({"servable": servable} | parts).items()}
        manifest = {"run_digest": name, "schema_digest": "s", "baseline_version": self.store.latest() or 0}
        return self.store.publish(servable, parts, {**manifest, "digests": digests, "config": {"seed": 1}})

    def refresh(self, source: int, data: str, blessed: bool = True) -> Artifact:
        """Pushes a catalogue over the models of version `source`."""
        index, model, published, pushed = (
            kind() for kind in (CandidateIndex, *[standard_artifacts.Model] * 2, standard_artifacts.PushedModel)
        )
        named = {"index": index, "model": model, "published": published, "pushed": pushed}
        for name, artifact in named.items():
            artifact.uri = str(self.folder / data / name)
        written(Path(index.uri), f"index over {data}")
        written(Path(model.uri) / "Format-Serving", f"servable over {data}")
        published.set_int_custom_property(VERSION, source)
        given = {"model": [model], "index": [index], "published": [published]}
        for key, kind, markers in (
            ("model_blessing", standard_artifacts.ModelBlessing, MODEL_MARKERS),
            ("infra_blessing", standard_artifacts.InfraBlessing, INFRA_MARKERS),
        ):
            blessing = kind()
            blessing.uri = str(self.folder / data / key)
            bless(blessing, blessed, markers, of=folder_digest(Path(model.uri) / "Format-Serving"))
            given[key] = [blessing]
        properties = {
            "serving_root": str(self.store.root),
            "store_id": "s",
            "run_digest": data,
            "config": '{"seed": 2}',
        }
        RefreshPusherExecutor().Do(given, {"pushed_model": [pushed]}, properties)
        return pushed


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def refused(pushed: Artifact) -> str:
    assert pushed.get_int_custom_property("pushed") == 0
    return str(pushed.get_string_custom_property("reason"))


def test_keeps_everything_but_servable_and_index(shop: Shop) -> None:
    first = shop.nightly("run")
    pushed = shop.refresh(first, "data")
    version = int(pushed.get_string_custom_property("pushed_version"))
    assert shop.store.latest() == version > first
    assert (shop.store.servable_path(version) / "saved_model.pb").read_text() == "servable over data"
    for part in PARTS:
        path = shop.store.baseline_path(version, part)
        text = (path / "saved_model.pb" if path.is_dir() else path).read_text()
        assert text == ("index over data" if part == "served_index" else f"{part} of run")
    manifest = shop.store.manifest(version)
    assert manifest["schema_digest"] == "s" and manifest["models_of"] == first and manifest["config"] == {"seed": 2}
    for part in ("servable", *PARTS):
        fetch_verified(shop.store, version, manifest["digests"], part, shop.folder / "again" / part)


def test_a_refresh_of_a_refresh_has_the_models_of_the_run(shop: Shop) -> None:
    first = shop.nightly("run")
    shop.refresh(first, "monday")
    monday = shop.store.latest()
    assert monday is not None and models_for(shop.store, "tuesday") == monday
    shop.refresh(monday, "tuesday")
    newest = shop.store.newest_manifest()
    assert (newest["models_of"], newest["models_digest"]) == (monday, "run")


def test_the_same_refresh_again_takes_the_same_models(shop: Shop) -> None:
    assert models_for(shop.store, "monday") is None
    first = shop.nightly("run")
    assert models_for(shop.store, "monday") == first
    shop.refresh(first, "monday")
    assert models_for(shop.store, "monday") == first
    second = shop.nightly("other run")
    assert models_for(shop.store, "monday") == second
    assert refresh_digest("d", {"run_digest": "run"}) == refresh_digest(
        "d", {"models_digest": "run", "run_digest": "x"}
    )
    assert refresh_digest("d", {"run_digest": "run"}) != refresh_digest("d", {"run_digest": "other run"})


def test_models_that_were_replaced_meanwhile_do_not_come_back(shop: Shop) -> None:
    first = shop.nightly("run")
    second = shop.nightly("next run")
    reason = refused(shop.refresh(first, "data"))
    assert reason == f"version {second} was published since version {first}, whose models these are"
    assert shop.store.latest() == second


def test_a_refresh_that_was_rolled_back_does_not_come_back(shop: Shop) -> None:
    first = shop.nightly("run")
    shop.refresh(first, "bad")
    again = roll_back(shop.store)
    assert refused(shop.refresh(again, "bad")) == "this very refresh was published before and rolled back"
    shop.refresh(again, "good")
    manifest = shop.store.newest_manifest()
    assert manifest["models_of"] == again and "rolled_back_to" not in manifest
    # The rollback still stands.
    latest = shop.store.latest()
    assert latest is not None and refused(shop.refresh(latest, "bad"))


def test_refreshes_of_data_that_are_not_known_ahead_are_never_the_same(shop: Shop) -> None:
    assert refresh_digest("", {"run_digest": "run"}) == ""
    first = shop.nightly("run")
    shop.refresh(first, "")
    shop.refresh(roll_back(shop.store), "")
    newest = shop.store.newest_manifest()
    assert newest["models_of"] > first and models_for(shop.store, "") == newest["version"]
    assert "was published since" in refused(shop.refresh(first, ""))


def test_without_blessings_nothing_is_pushed(shop: Shop) -> None:
    first = shop.nightly("run")
    assert refused(shop.refresh(first, "data", blessed=False)) == "model_blessing refused; infra_blessing refused"
    assert shop.store.latest() == first


def test_a_part_that_was_changed_is_not_carried_over(shop: Shop) -> None:
    first = shop.nightly("run")
    (shop.store.baseline_path(first, "ranking") / "saved_model.pb").write_text("something else")
    with pytest.raises(InputError, match=f"version {first}, ranking"):
        shop.refresh(first, "data")
    assert shop.store.latest() == first
    assert json.loads((shop.store.root / "baseline" / str(first) / "manifest.json").read_text())["version"] == first
