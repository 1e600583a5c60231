"""The Pusher's demand for evidence; tests/components/test_push_path.py runs it."""

from pathlib import Path

import pytest
from tfx.types import standard_artifacts
from tfx.types.artifact import Artifact
from tfx.utils import path_utils

from components.blessing import INFRA_MARKERS, MODEL_MARKERS, bless
from components.folder_digest import folder_digest
from components.publishing.publisher import objections
from components.publishing.pusher import PusherExecutor

KINDS = {
    "model_blessing": (standard_artifacts.ModelBlessing, MODEL_MARKERS),
    "infra_blessing": (standard_artifacts.InfraBlessing, INFRA_MARKERS),
}


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, list[Artifact]]:
    """A servable and both blessings, given to it."""
    model = standard_artifacts.Model()
    model.uri = str(tmp_path / "model")
    servable = Path(path_utils.serving_model_path(model.uri))
    servable.mkdir(parents=True)
    (servable / "saved_model.pb").write_bytes(b"graph")
    given: dict[str, list[Artifact]] = {"model": [model]}
    for key, (kind, markers) in KINDS.items():
        artifact = kind()
        artifact.uri = str(tmp_path / key)
        bless(artifact, True, markers, of=folder_digest(servable))
        given[key] = [artifact]
    return given


def push(inputs: dict[str, list[Artifact]], folder: Path) -> Artifact:
    pushed = standard_artifacts.PushedModel()
    pushed.uri = str(folder / "pushed")
    properties = {
        "serving_root": str(folder / "serving"),
        "store_id": "s",
        "run_digest": "d",
        "schema_digest": "c",
    }
    PusherExecutor().Do(inputs, {"pushed_model": [pushed]}, properties)
    return pushed


def test_both_blessings_are_enough(inputs: dict[str, list[Artifact]]) -> None:
    assert objections(inputs) == []


def test_a_blessing_of_another_servable(inputs: dict[str, list[Artifact]], tmp_path: Path) -> None:
    (Path(path_utils.serving_model_path(inputs["model"][0].uri)) / "saved_model.pb").write_bytes(b"another graph")
    pushed = push(inputs, tmp_path)
    assert pushed.get_string_custom_property("reason") == "model_blessing is of another servable"
    assert not (tmp_path / "serving").exists()


@pytest.mark.parametrize("key", KINDS)
@pytest.mark.parametrize("how", ["absent", "empty", "twice", "no file", "no property", "refused"])
def test_anything_less_is_not_pushed(inputs: dict[str, list[Artifact]], key: str, how: str, tmp_path: Path) -> None:
    kind, markers = KINDS[key]
    (artifact,) = inputs[key]
    if how == "absent":
        del inputs[key]
    elif how == "empty":
        inputs[key] = []
    elif how == "twice":
        inputs[key] = [artifact, artifact]
    elif how == "no file":
        (Path(artifact.uri) / markers[0]).unlink()
    elif how == "no property":
        inputs[key] = [kind()]
        inputs[key][0].uri = artifact.uri
    else:
        (Path(artifact.uri) / markers[0]).unlink()
        bless(artifact, False, markers)
    pushed = push(inputs, tmp_path)
    assert pushed.get_int_custom_property("pushed") == 0
    said = "refused" if how == "refused" else "missing or unreadable"
    assert pushed.get_string_custom_property("reason") == f"{key} {said}"
    assert not (tmp_path / "serving").exists()
