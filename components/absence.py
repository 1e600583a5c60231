"""Artifacts that stand for something that was not made: an output may not be missing."""

from __future__ import annotations

from pathlib import Path

from tfx.types.artifact import Artifact

FOUND = "found"  # a custom property; 0 where there is nothing
BROKEN = "broken"  # another one: why there is nothing where something should be


def leave_out(artifact: Artifact, broken: str = "") -> None:
    """Marks an output as empty; `broken` says what is wrong with what should be in it."""
    artifact.set_int_custom_property(FOUND, 0)
    if broken:
        artifact.set_string_custom_property(BROKEN, broken)
    Path(artifact.uri).mkdir(parents=True, exist_ok=True)


def is_left_out(artifact: Artifact) -> bool:
    """Whether whoever should have made the artifact had nothing to make."""
    return bool(artifact.has_custom_property(FOUND)) and artifact.get_int_custom_property(FOUND) == 0


def broken(artifact: Artifact) -> str:
    """Why an artifact that should hold something is left out; empty where nothing is wrong with that."""
    return str(artifact.get_string_custom_property(BROKEN)) if artifact.has_custom_property(BROKEN) else ""
