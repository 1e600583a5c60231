"""Blessings: what counts as one."""

from pathlib import Path

import pytest
from tfx.components.util import model_utils
from tfx.types import standard_artifacts

from components.blessing import INFRA_MARKERS, MODEL_MARKERS, bless, is_blessed


def blessing(folder: Path) -> standard_artifacts.ModelBlessing:
    artifact = standard_artifacts.ModelBlessing()
    artifact.uri = str(folder)
    return artifact


@pytest.mark.parametrize("markers", [MODEL_MARKERS, INFRA_MARKERS])
@pytest.mark.parametrize("blessed", [True, False])
def test_what_is_written_is_read(tmp_path: Path, blessed: bool, markers: tuple[str, str]) -> None:
    artifact = blessing(tmp_path)
    bless(artifact, blessed, markers)
    assert is_blessed(artifact, markers) is blessed
    assert model_utils.is_model_blessed(artifact) is blessed
    assert [path.name for path in tmp_path.iterdir()] == [markers[0 if blessed else 1]]


@pytest.mark.parametrize(
    ("property_value", "files"),
    [
        (None, []),
        (None, ["BLESSED"]),
        (1, []),
        (1, ["NOT_BLESSED"]),
        (1, ["BLESSED", "NOT_BLESSED"]),
        (0, ["BLESSED"]),
    ],
)
def test_what_says_nothing(tmp_path: Path, property_value: int | None, files: list[str]) -> None:
    artifact = blessing(tmp_path)
    if property_value is not None:
        artifact.set_int_custom_property("blessed", property_value)
    for file in files:
        (tmp_path / file).touch()
    assert is_blessed(artifact) is None


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    artifact = blessing(tmp_path / "absent")
    artifact.set_int_custom_property("blessed", 1)
    assert is_blessed(artifact) is None
