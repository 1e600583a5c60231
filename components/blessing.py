"""Blessings in the form of TFX's own: a custom property and a marker file, which must agree."""

from __future__ import annotations

from pathlib import Path

from tfx.types.artifact import Artifact

# The marker files of tfx.components.evaluator and of tfx.components.infra_validator: (blessed, not blessed).
MODEL_MARKERS = ("BLESSED", "NOT_BLESSED")
INFRA_MARKERS = ("INFRA_BLESSED", "INFRA_NOT_BLESSED")
_BLESSED = "blessed"


def is_blessed(blessing: Artifact, markers: tuple[str, str] = MODEL_MARKERS) -> bool | None:
    """What a blessing says: True, False, or None where it says nothing (or its property and its file differ)."""
    if not blessing.has_custom_property(_BLESSED):
        return None
    says = blessing.get_int_custom_property(_BLESSED) == 1
    marked = [(Path(blessing.uri) / marker).is_file() for marker in markers]
    return says if marked == [says, not says] else None


def bless(blessing: Artifact, blessed: bool, markers: tuple[str, str] = MODEL_MARKERS) -> None:
    """Writes a blessing in the form that TFX's Pusher reads."""
    folder = Path(blessing.uri)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / markers[0 if blessed else 1]).write_text("", encoding="utf-8")
    blessing.set_int_custom_property(_BLESSED, int(blessed))
