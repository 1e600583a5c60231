"""Artifacts that stand for something that was not made: an output may not be missing."""

from __future__ import annotations

from pathlib import Path

from tfx.types.artifact import Artifact

FOUND = "found"  # a custom property; 0 where there is nothing


def leave_out(artifact: Artifact) -> None:
    """Marks an output as empty."""
    artifact.set_int_custom_property(FOUND, 0)
    Path(artifact.uri).mkdir(parents=True, exist_ok=True)


def is_left_out(artifact: Artifact) -> bool:
    """Whether whoever should have made the artifact had nothing to make."""
    return bool(artifact.has_custom_property(FOUND)) and artifact.get_int_custom_property(FOUND) == 0
